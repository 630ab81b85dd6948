"""What the index holds of a post: its id, its words, and their sum, by which a check compares them."""
import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app

from app.extensions import db
from app.models import HiddenFromSearch, Post
from app.policies.visibility import is_listed
from app.search import SearchDown
from app.search.elastic.indexes import next_alias
from app.search.indexing import document

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

LATER = (403, 429, 500, 502, 503, 504)  # blocked, busy or broken: the same post may be taken another time


def is_findable() -> sa.ColumnElement[bool]:
    """That a post belongs into the index."""
    return sa.and_(is_listed(), ~sa.exists().where(HiddenFromSearch.user_id == Post.user_id))


def rows(*conditions: sa.ColumnElement[bool], limit: int | None = None) -> dict[int, tuple[str, str, int]]:
    """What the words of posts come from, of those that belong into the index, by their ids, the newest first."""
    posts = sa.select(Post.id, Post.body, Post.language, Post.user_id).where(is_findable(), *conditions)
    found = db.session.execute(posts.order_by(Post.id.desc()).limit(limit))
    return {id: (body, language or '', author) for id, body, language, author in found}


def words(row: tuple[str, str, int]) -> str:
    """The words of a post as the index takes them."""
    return ' '.join(document(*row))


def sum_of(words: str) -> int:
    """A number that differs for other words, as many bits as the index keeps."""
    return zlib.crc32(words.encode()) - 2**31


def write_until_same(client: 'Elasticsearch', targets: Collection[str], ids: Collection[int],
                     found: dict[int, tuple[str, str, int]]) -> None:
    """Put into the indexes those of the posts that were found, and the others out of them.

    Then look again, and once more write what is different now: whoever changes a post while this goes on has a task of
    their own, which may have run before ours wrote.
    """
    while ids:
        kept = {id: words(row) for id, row in found.items()}
        write(client, targets, kept, set(ids) - kept.keys())
        before, found = found, rows(Post.id.in_(ids))
        ids = {id for id in ids if before.get(id) != found.get(id)}
        found = {id: row for id, row in found.items() if id in ids}


def write(client: 'Elasticsearch', targets: Collection[str], kept: dict[int, str], removed: Iterable[int]) -> None:
    """Put words of posts into the indexes and other posts out of them, in one request."""
    lines = [line for target in targets for line in _lines(target, kept, removed)]
    if not lines:
        return
    answer = client.bulk(operations=lines, require_alias=True,  # type: ignore[arg-type]  # lines are taken as they are
                         filter_path='errors,items.*.error,items.*.status,items.*._id,items.*._index')
    if answer['errors']:
        _judge([result for item in answer['items'] for result in item.values() if 'error' in result])


def _lines(target: str, kept: dict[int, str], removed: Iterable[int]) -> Iterator[str]:
    for id, words in kept.items():
        yield f'{{"index":{{"_index":"{target}","_id":"{id}"}}}}'
        yield json.dumps({'id': id, 'words': words, 'sum': sum_of(words)})
    for id in removed:
        yield f'{{"delete":{{"_index":"{target}","_id":"{id}"}}}}'


def _judge(failed: list[dict]) -> None:
    """SearchDown when the same may work another time; what never will goes to the log."""
    refused = []
    for result in failed:
        status, kind = result['status'], result['error']['type']
        if kind == 'index_not_found_exception' and result['_index'] == next_alias():
            continue  # it has taken its place meanwhile, where the post went too
        if kind == 'index_not_found_exception' or status in LATER:
            raise SearchDown(f'{status} {kind}')
        refused.append(f'{result["_id"]}: {status} {kind}')
    if refused:
        current_app.logger.error('Elasticsearch refuses %s posts, the first is %s.', len(refused), refused[0])
