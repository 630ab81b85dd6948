"""Windows: the nearest ids of the whole site beyond a cursor, by a walk on the primary key, and what is kept of them.

Whatever the statistics say, nothing but the window may be read. PostgreSQL plans a subquery with LIMIT by itself,
MariaDB joins in the order written after STRAIGHT_JOIN. SQLite stops early when the window is a bound on `post.id`,
which the other two do not use; `IN` instead of EXISTS would make it read all posts of everybody followed.
"""
from functools import cache

import sqlalchemy as sa

from app.models import Post, Visibility, followers
from app.policies.relations import is_heard
from app.policies.visibility import is_author_read_by
from app.queries.pages import Way
from app.queries.statements import (
    CURSOR,
    FORCE_INDEX,
    VIEWER,
    is_for_home,
    last_of,
    number,
    posts_in,
    posts_where,
    reader_of,
    with_shown,
)


@cache
def home(dialect: str, way: Way, size: int, limit: int) -> sa.Select:
    """The posts by the viewer and those they follow among the nearest `size` of the site."""
    if dialect == 'sqlite':
        return _home_bounded(way, size, limit)
    window = ids(way, size).subquery('looked_at')
    kept = with_shown(dialect, sa.select(window.c.id), window.c.user_id)
    kept = kept.where(_is_source(window.c.user_id), is_for_home(window.c))
    kept = kept.prefix_with('STRAIGHT_JOIN', dialect='mysql').order_by(way.order(window.c.id))
    return posts_in(way, kept.limit(number(limit)), sa.true())


@cache
def everybody(dialect: str, way: Way, size: int, limit: int, is_public: bool) -> sa.Select:
    """Of the nearest `size` public posts of the site those that are for the reader, without answers and reposts."""
    kept = _kept(dialect, way, size, is_public)
    return posts_in(way, kept.order_by(way.order(kept.selected_columns.id)).limit(number(limit)), sa.true(), is_public)


@cache
def anybody(dialect: str, way: Way, size: int, is_public: bool) -> sa.Select:
    """The id of one of these."""
    return _kept(dialect, way, size, is_public).limit(number(1))


@cache
def last(dialect: str, way: Way, size: int) -> sa.Select:
    """The last id of a window of public posts, NULL when fewer than `size` are there."""
    return last_of(way, public_ids(dialect, way, size).subquery('looked_at'), size)


def _kept(dialect: str, way: Way, size: int, is_public: bool) -> sa.Select:
    window = public_ids(dialect, way, size).subquery('looked_at')
    kept = with_shown(dialect, sa.select(window.c.id), window.c.user_id, is_public)
    kept = kept.where(window.c.parent_id.is_(None), window.c.repost_of_id.is_(None),
                      sa.true() if is_public else is_heard(VIEWER, window.c.user_id))
    return kept.prefix_with('STRAIGHT_JOIN', dialect='mysql')


def ids(way: Way, size: int) -> sa.Select:
    """The window: what decides whether a post is for somebody."""
    post = sa.alias(Post.__table__)
    return _columns(post).where(way.beyond(post.c.id, CURSOR)).order_by(way.order(post.c.id)).limit(number(size))


def public_ids(dialect: str, way: Way, size: int) -> sa.Select:
    """The window of public posts only, however many others there are between them: a walk on (visibility, id)."""
    post, public = sa.alias(Post.__table__), number(Visibility.PUBLIC)
    window = _columns(post)
    if dialect == 'postgresql':  # in words that only this index can sort: it may prefer the primary key otherwise
        window = window.where(way.beyond(sa.tuple_(post.c.visibility, post.c.id), sa.tuple_(public, CURSOR)),
                              way.within(post.c.visibility, public))
        return window.order_by(way.order(post.c.visibility), way.order(post.c.id)).limit(number(size))
    window = window.with_hint(post, FORCE_INDEX % 'ix_post_visibility_id', 'mysql')
    window = window.where(post.c.visibility == public, way.beyond(post.c.id, CURSOR))
    return window.order_by(way.order(post.c.id)).limit(number(size))


def _columns(post: sa.FromClause) -> sa.Select:
    names = 'id', 'user_id', 'visibility', 'parent_id', 'parent_author_id', 'repost_of_id'
    return sa.select(*(post.c[name] for name in names))


def _home_bounded(way: Way, size: int, limit: int) -> sa.Select:
    window = ids(way, size).subquery('looked_at')
    bound = sa.select(sa.func.coalesce(way.last(window.c.id), 0)).scalar_subquery()
    is_within = sa.and_(way.beyond(Post.id, CURSOR), way.within(Post.id, bound))
    kept = posts_where(False, is_within, _is_source(Post.user_id), is_author_read_by(reader_of(False)), is_for_home())
    kept = kept.add_columns(sa.true())
    return kept.order_by(way.order(Post.id)).limit(number(limit))


def _is_source(author) -> sa.ColumnElement[bool]:
    follows = sa.exists().where(followers.c.follower_id == VIEWER, followers.c.followed_id == author)
    return sa.or_(author == VIEWER, sa.and_(follows, is_heard(VIEWER, author)))
