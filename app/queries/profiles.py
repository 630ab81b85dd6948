"""Profiles: what one person wrote, as far as a reader may see it.

A branch for each visibility that they may see, each a seek in the index (user_id, visibility, id), and one for what
mentions them. So a hundred thousand posts for followers cost a stranger nothing.
"""
from enum import Enum
from functools import cache

import sqlalchemy as sa

from app.models import Mention, Post, User, Visibility, followers
from app.policies.visibility import is_open_to
from app.queries.pages import Way
from app.queries.statements import (
    AUTHOR,
    CURSOR,
    FORCE_INDEX,
    VIEWER,
    is_visible,
    last_of,
    number,
    posts_in,
    reader_of,
    with_shown,
)

OPEN = Visibility.PUBLIC, Visibility.UNLISTED
FEW = 3  # posts that are looked at to know whether there are any


class Side(Enum):
    """From where a profile is read."""

    OWN = 'own'
    OTHER = 'other'
    PUBLIC = 'public'


def side(viewer: User | None, author: User) -> Side:
    """The author's own, that of somebody who is logged in, or everybody's."""
    if viewer is None:
        return Side.PUBLIC
    return Side.OWN if viewer.id == author.id else Side.OTHER


@cache
def posts(dialect: str, way: Way, limit: int, side: Side) -> sa.Select:
    """The nearest posts of :author, and whether each is visible."""
    is_public = side is Side.PUBLIC
    return posts_in(way, _nearest(dialect, way, limit, side), is_visible(is_public), is_public)


@cache
def anything(dialect: str, way: Way, side: Side) -> sa.Select:
    """The id of a visible one of the nearest few posts."""
    is_public, post = side is Side.PUBLIC, sa.alias(Post.__table__)
    few = _nearest(dialect, way, FEW, side).subquery('few')
    visible = sa.select(few.c.id).join(post, post.c.id == few.c.id).where(is_open_to(reader_of(is_public), post.c))
    visible = visible.prefix_with('STRAIGHT_JOIN', dialect='mysql').limit(number(1))
    return with_shown(dialect, visible, post.c.user_id, is_public)


@cache
def last(dialect: str, way: Way, side: Side) -> sa.Select:
    """The last of the nearest few posts; NULL when there are no more."""
    return last_of(way, _nearest(dialect, way, FEW, side).subquery('few'), FEW)


def _nearest(dialect: str, way: Way, limit: int, side: Side) -> sa.Select:
    if side is Side.OWN:
        return _seek(dialect, way, limit, {'user_id': AUTHOR})
    branches = [_of(dialect, way, limit, visibility) for visibility in OPEN]
    if side is Side.OTHER:
        for_followers = _of(dialect, way, limit, Visibility.FOLLOWERS).subquery()
        follows = sa.exists().where(followers.c.follower_id == VIEWER, followers.c.followed_id == AUTHOR)
        branches += [sa.select(for_followers.c.id).where(follows), _mentioning(way, limit)]
    ids = sa.union(*(sa.select(branch.subquery().c.id) for branch in branches)).subquery('seen')
    return sa.select(ids.c.id).order_by(way.order(ids.c.id)).limit(number(limit))


def _of(dialect: str, way: Way, limit: int, visibility: Visibility) -> sa.Select:
    return _seek(dialect, way, limit, {'user_id': AUTHOR, 'visibility': number(visibility)})


def _seek(dialect: str, way: Way, limit: int, values: dict) -> sa.Select:
    """The nearest ids of the posts of an author, perhaps of one visibility, by the index of just these columns."""
    post = sa.alias(Post.__table__)
    ids = sa.select(post.c.id).limit(number(limit))
    if dialect == 'postgresql':
        return _seek_of_postgresql(ids, post, way, values)
    ids = ids.with_hint(post, FORCE_INDEX % f'ix_post_{"_".join(values)}_id', 'mysql')
    same = [post.c[name] == value for name, value in values.items()]
    return ids.where(*same, way.beyond(post.c.id, CURSOR)).order_by(way.order(post.c.id))


def _seek_of_postgresql(ids: sa.Select, post: sa.FromClause, way: Way, values: dict) -> sa.Select:
    """The same in words that only this index can sort, as `database.py` keeps it from sorting the rest of an order.

    Otherwise, after ANALYZE, all posts of an author are read and sorted when few are expected of them, and the primary
    key is walked when many are. Compared as rows, all of another visibility would be walked over.
    """
    from sqlalchemy.dialects import postgresql  # here, because the others' workers do without its 2 MB
    (first, value), *others = [(post.c[name], value) for name, value in values.items()]
    same = [first == sa.any_(postgresql.array([value])), *(column == value for column, value in others)]
    columns = [first, *(column for column, _value in others), post.c.id]
    return ids.where(*same, way.beyond(post.c.id, CURSOR)).order_by(*map(way.order, columns))


def _mentioning(way: Way, limit: int) -> sa.Select:
    """What :author wrote that mentions :viewer: all of it may be read."""
    ids = sa.select(Mention.post_id.label('id')).where(
        Mention.user_id == VIEWER, Mention.author_id == AUTHOR, way.beyond(Mention.post_id, CURSOR))
    return ids.order_by(way.order(Mention.post_id)).limit(number(limit))
