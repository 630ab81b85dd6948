"""Windows: the nearest ids of the whole site beyond a cursor, by a walk on the primary key, and what is kept of them.

Whatever the statistics say, nothing but the window may be read. PostgreSQL plans a subquery with LIMIT by itself,
MariaDB joins in the order written after STRAIGHT_JOIN. SQLite stops early when the window is a bound on `post.id`,
which the other two do not use; `IN` instead of EXISTS would make it read all posts of everybody followed.
"""
from functools import cache

import sqlalchemy as sa

from app.models import Post, followers
from app.queries.pages import Way
from app.queries.statements import CURSOR, VIEWER, number, posts_for, posts_in, with_shown


@cache
def home(dialect: str, way: Way, size: int, limit: int) -> sa.Select:
    """The posts by the viewer and those they follow among the nearest `size` of the site."""
    if dialect == 'sqlite':
        return _home_bounded(way, size, limit)
    window = ids(way, size).subquery('looked_at')
    kept = with_shown(dialect, sa.select(window.c.id), window.c.user_id).where(_is_source(window.c.user_id))
    kept = kept.prefix_with('STRAIGHT_JOIN', dialect='mysql').order_by(way.order(window.c.id))
    return posts_in(way, kept.limit(number(limit)))


@cache
def everybody(dialect: str, way: Way, size: int, limit: int, is_public: bool) -> sa.Select:
    """The posts that may be read among the nearest `size` of the site."""
    window = ids(way, size).subquery('looked_at')
    kept = with_shown(dialect, sa.select(window.c.id), window.c.user_id, is_public)
    kept = kept.prefix_with('STRAIGHT_JOIN', dialect='mysql').order_by(way.order(window.c.id))
    return posts_in(way, kept.limit(number(limit)), is_public)


@cache
def last(way: Way, size: int) -> sa.Select:
    """The last id of a window, NULL when fewer than `size` are there."""
    window = ids(way, size).subquery('looked_at')
    return sa.select(sa.case((sa.func.count() == size, way.last(window.c.id))))


def ids(way: Way, size: int) -> sa.Select:
    """The window: id and author."""
    post = sa.alias(Post.__table__)
    window = sa.select(post.c.id, post.c.user_id).where(way.beyond(post.c.id, CURSOR))
    return window.order_by(way.order(post.c.id)).limit(number(size))


def _home_bounded(way: Way, size: int, limit: int) -> sa.Select:
    window = ids(way, size).subquery('looked_at')
    bound = sa.select(sa.func.coalesce(way.last(window.c.id), 0)).scalar_subquery()
    kept = posts_for().where(way.beyond(Post.id, CURSOR), way.within(Post.id, bound), _is_source(Post.user_id))
    return kept.order_by(way.order(Post.id)).limit(number(limit))


def _is_source(author) -> sa.ColumnElement[bool]:
    follows = sa.exists().where(followers.c.follower_id == VIEWER, followers.c.followed_id == author)
    return sa.or_(author == VIEWER, follows)
