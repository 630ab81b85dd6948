"""The engine in the database that a site has anyway: FTS5, tsvector with GIN, or FULLTEXT over `post_search`.

What each function means says `app/search/__init__.py`.
"""
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.models import MAX_ID, HiddenFromSearch, Post, Visibility, post_search
from app.queries.pages import OLDER, Way
from app.search import COUNTED, Hits, SearchDown, TooSlow
from app.search.embedded import fts5, fulltext, tsvector, wordless
from app.search.embedded.filling import author_added, author_removed, check, rebuild, state, status
from app.search.indexing import document
from app.search.query import Query

__all__ = ['author_added', 'author_removed', 'check', 'countable', 'find', 'post_added', 'post_changed',
           'post_deleted', 'rebuild', 'state', 'status']

T = TypeVar('T')
MORE = COUNTED + 1
BY_DATABASE = {'sqlite': fts5, 'postgresql': tsvector, 'mysql': fulltext}
BROKEN_OFF = {'57014', 188, 1969, 3024}  # time-outs of statements: PostgreSQL, FULLTEXT, MariaDB, MySQL


def find(query: Query, way: Way, cursor: int, limit: int) -> Hits:
    """Ids of posts beyond a cursor."""
    if wordless.is_for(query):
        return _asked(lambda: wordless.find(_of_database(), query, way, cursor, limit))
    return _asked(lambda: _of_database().find(query, way, cursor, limit))


def countable(query: Query) -> list[int] | None:
    """All ids, or more than are counted, where that is cheap."""
    if wordless.is_for(query):
        return _asked(lambda: wordless.find(_of_database(), query, OLDER, MAX_ID, MORE)).all_within(MORE)
    return _asked(lambda: _of_database().countable(query))


def post_added(connection: sa.Connection, post: Post) -> None:
    """One statement more for each post that is for everybody; for whoever is not to be found it adds nothing."""
    if post.visibility != Visibility.PUBLIC or post.repost_of_id is not None:
        return
    words = document(post.body, post.language or '', post.user_id)
    connection.execute(_adding(), {'id': post.id, 'text': words, 'author': post.user_id})


def post_changed(connection: sa.Connection, post: Post) -> None:
    """Replace the words of a post."""
    connection.execute(sa.delete(post_search).where(post_search.c.post_id == post.id))
    post_added(connection, post)


def post_deleted(connection: sa.Connection, post: Post) -> None:
    """Nothing to do: the row went with the post."""


@cache
def _adding() -> sa.Insert:
    """Built once: to build it takes as long as to run it."""
    hidden = sa.exists().where(HiddenFromSearch.user_id == sa.bindparam('author', type_=sa.BigInteger))
    row = sa.select(sa.bindparam('id', type_=sa.BigInteger), sa.bindparam('text', type_=post_search.c.words.type))
    return sa.insert(post_search).from_select(['post_id', 'words'], row.where(~hidden))


def _of_database() -> ModuleType:
    return BY_DATABASE[db.session.get_bind().dialect.name]


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except DBAPIError as error:
        db.session.rollback()
        said, args = str(error.orig), getattr(error.orig, 'args', ())
        if 'interrupted' in said or BROKEN_OFF & {getattr(error.orig, 'sqlstate', None), *args[:1]}:
            raise TooSlow from error
        if 'no such table' in said:  # an SQLite without FTS5
            raise SearchDown from error
        raise
