"""Profiles: what one person wrote, as far as a reader may see it.

A branch for each visibility that they may see, each a seek in the index (user_id, visibility, id), and one for what
mentions them. So a hundred thousand posts for followers cost a stranger nothing.
"""
from functools import cache

import sqlalchemy as sa

from app.models import Mention, Post, Visibility, followers
from app.queries.pages import Way
from app.queries.statements import AUTHOR, CURSOR, INDEX_HINTS, VIEWER, is_visible, number, posts_in

OPEN = Visibility.PUBLIC, Visibility.UNLISTED


@cache
def own(dialect: str, way: Way, limit: int) -> sa.Select:
    """The nearest posts of :author, who reads them."""
    return posts_in(way, _seek(dialect, way, limit, {'user_id': AUTHOR}), is_visible())


@cache
def for_somebody(dialect: str, way: Way, limit: int, is_public: bool) -> sa.Select:
    """The nearest posts of :author for somebody else."""
    branches = [_of(dialect, way, limit, visibility) for visibility in OPEN]
    if not is_public:
        for_followers = _of(dialect, way, limit, Visibility.FOLLOWERS).subquery()
        follows = sa.exists().where(followers.c.follower_id == VIEWER, followers.c.followed_id == AUTHOR)
        branches += [sa.select(for_followers.c.id).where(follows), _mentioning(way, limit)]
    ids = sa.union(*(sa.select(branch.subquery().c.id) for branch in branches)).subquery('seen')
    nearest = sa.select(ids.c.id).order_by(way.order(ids.c.id)).limit(number(limit))
    return posts_in(way, nearest, is_visible(is_public), is_public)


def _of(dialect: str, way: Way, limit: int, visibility: Visibility) -> sa.Select:
    return _seek(dialect, way, limit, {'user_id': AUTHOR, 'visibility': number(visibility)})


def _seek(dialect: str, way: Way, limit: int, values: dict) -> sa.Select:
    """The nearest ids of the posts of an author, perhaps of one visibility, by the index of just these columns."""
    post = sa.alias(Post.__table__)
    ids = sa.select(post.c.id).limit(number(limit))
    if dialect == 'postgresql':
        return _seek_of_postgresql(ids, post, way, values)
    ids = ids.with_hint(post, INDEX_HINTS[dialect] % f'ix_post_{"_".join(values)}_id')
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
