"""What happens to posts reaches the index by tasks: the table is the truth, and a task looks at what it says now.

So a task may run twice, late or beside another. While the server is away, tasks wait, many posts in each; none is
given up.
"""
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from app.extensions import db
from app.models import MAX_ID, Post, utcnow
from app.search import SearchDown
from app.search.elastic import asking, documents
from app.search.elastic.indexes import look, posts_alias, usable
from app.search.elastic.server import server
from app.search.query import by_author
from app.tasks import enqueue, job, together

AT_ONCE = 1000
TASKS_AT_ONCE = 500
FIRST_DELAY = timedelta(seconds=15)
MOST_DOUBLINGS = 4


@job
def index_posts(ids: list[int], tries: int = 0) -> None:
    """Bring the index in line with the table for these posts, and for others that wait for the same."""
    if not current_app.config['ELASTICSEARCH_URL']:
        return
    others = _others(len(ids))
    ids = sorted({*ids, *(id for arguments in others.values() for id in arguments['ids'])})
    try:
        bring_in_line(ids)
        more = together.unfinished(index_posts, len(others) + 1).keys() - others.keys()
        again: dict | None = {'ids': []} if more else None
    except SearchDown:
        again = {'ids': ids, 'tries': tries + 1, 'run_after': utcnow() + FIRST_DELAY * 2 ** min(tries, MOST_DOUBLINGS)}
    together.finish(others)  # only now: while the server was asked, nothing was locked
    if again:
        enqueue(index_posts, **again)


def _others(count: int) -> dict[int, dict]:
    """Further tasks, as many as fit into one request."""
    taken = {}
    for id, arguments in together.unfinished(index_posts, TASKS_AT_ONCE).items():
        if count >= AT_ONCE:
            break
        taken[id] = arguments
        count += len(arguments['ids'])
    return taken


@job
def index_posts_of(author: int, below: int = MAX_ID, tries: int = 0) -> None:
    """Bring the index in line with the table for all posts of somebody, the newest first, a step in each task."""
    if not current_app.config['ELASTICSEARCH_URL']:
        return
    try:
        ids = sorted({*_indexed(author, below), *_written(author, below)}, reverse=True)[:AT_ONCE]
        bring_in_line(ids)
    except SearchDown:
        enqueue(index_posts_of, author=author, below=below, tries=tries + 1,
                run_after=utcnow() + FIRST_DELAY * 2 ** min(tries, MOST_DOUBLINGS))
        return
    if len(ids) == AT_ONCE:
        enqueue(index_posts_of, author=author, below=ids[-1])


def _written(author: int, below: int) -> Iterable[int]:
    posts = sa.select(Post.id).where(Post.user_id == author, Post.id < below)
    return db.session.scalars(posts.order_by(Post.id.desc()).limit(AT_ONCE))


def _indexed(author: int, below: int) -> Iterable[int]:
    with server().fed() as client:
        if look(client).is_lost:
            return []
        client.indices.refresh(index=posts_alias())  # what was written in the last second is there, but not found
        return asking.ids(client, [asking.condition(by_author(author)), asking.between(0, below)], AT_ONCE)


def bring_in_line(ids: list[int]) -> None:
    """Index those of the posts that are there to be found, and take out the others; SearchDown when that fails."""
    if not ids:
        return
    with server().fed() as client:
        documents.write_until_same(client, usable(client).targets, ids, documents.rows(Post.id.in_(ids)))
