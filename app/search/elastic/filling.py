"""Filling an index with all posts: from the shell beside the one that is asked, by itself where that one was lost."""
import time
from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from app.extensions import db
from app.models import MAX_ID, Post, SearchProgress, rows_changed
from app.search import SearchDown
from app.search.elastic import documents, indexes
from app.search.elastic.following import index_posts
from app.search.elastic.server import server
from app.tasks import enqueue, every, report, together

AT_ONCE = 2000
LONGEST_STEP = 20  # seconds of a minute that a task fills


def rebuild() -> Iterator[tuple[int, int]]:
    """Fill a new index, or go on with one that was begun, and let it take the place of the old one."""
    with server().fed() as client:
        coming = indexes.begin(client).coming
    if coming is None:
        raise SearchDown('the new index is gone already; is another rebuild running?')
    begin = _position(coming.uuid)
    done, total = _count(Post.id >= begin), _count()
    yield done, total
    for count, position in _steps(begin):
        _note(coming.uuid, position)
        done += count
        yield done, max(done, total)
    _finish(coming.uuid)


def _steps(position: int) -> Iterator[tuple[int, int]]:
    """Put posts into the index that is being filled, the newest first; how many in each step, and how far it came."""
    while rows := documents.rows(Post.id < position, limit=AT_ONCE):
        with server().fed() as client:
            documents.write_until_same(client, [indexes.next_alias()], rows.keys(), rows)
        position = min(rows)
        yield len(rows), position


def _finish(uuid: str) -> None:
    with server().fed() as client:
        indexes.finish(client, uuid)
    rows_changed(sa.delete(SearchProgress).where(SearchProgress.name == uuid))


def _note(uuid: str, position: int) -> None:
    db.session.merge(SearchProgress(name=uuid, position=position))


def _position(uuid: str) -> int:
    """The id below which the index still lacks everything."""
    position = db.session.scalar(sa.select(SearchProgress.position).where(SearchProgress.name == uuid))
    return MAX_ID if position is None else position


def _count(*conditions: sa.ColumnElement[bool]) -> int:
    posts = sa.select(sa.func.count()).select_from(Post).where(documents.is_findable(), *conditions)
    return db.session.scalar(posts) or 0


@every(timedelta(minutes=1))
def look_after_index() -> None:
    """Fill an index that was lost, for a part of each minute, and let go on what had to wait for the server."""
    if not current_app.config['ELASTICSEARCH_URL']:
        return
    try:
        with server().fed() as client:
            there = indexes.usable(client)
        if there.is_filling and there.coming:
            _fill_for_a_while(there.coming.uuid)
    except SearchDown:
        return  # the log has it, and the next minute comes
    if together.unfinished(index_posts, 1):
        enqueue(index_posts, ids=[])


def _fill_for_a_while(uuid: str) -> None:
    """Nothing is written to the database before the end: it would be locked while the server is asked."""
    end = time.monotonic() + LONGEST_STEP
    for _done, position in _steps(_position(uuid)):
        report(0)
        if time.monotonic() > end:
            return _note(uuid, position)
    return _finish(uuid)
