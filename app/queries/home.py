"""The home timeline: first a window of the newest ids of the whole site, then the heads of everybody followed.

Exact because a post of the page belongs to an author whose nearest post (head) is at least as near, and only as many
authors as the page has posts can have one. The obvious `user_id IN (...) ORDER BY id` takes seconds for quiet authors.
"""
from functools import cache

import sqlalchemy as sa

from app.extensions import db
from app.models import Post, User, followers
from app.queries.pages import Found, Way
from app.queries.statements import CURSOR, VIEWER, ids_beyond, is_visible, posts_for

WINDOW = 4096
LITERALS = 999  # from 1,000 on MariaDB turns the list into a subquery and scans


def find(viewer: User, way: Way, cursor: int, limit: int) -> Found:
    """The nearest posts beyond the cursor by the viewer and those they follow."""
    values = {'viewer': viewer.id, 'cursor': cursor}
    posts = list(db.session.scalars(_window(way, WINDOW, limit), values))
    if len(posts) == limit:
        return Found(posts)
    if _dialect() == 'mysql':
        return _find_by_lists(viewer, way, cursor, limit)
    statement = _heads_lateral if _dialect() == 'postgresql' else _heads_bounded
    return Found(list(db.session.scalars(statement(way, limit), values)))


def has_any(viewer: User, way: Way, cursor: int) -> bool:
    """True when there is any post beyond the cursor."""
    values = {'viewer': viewer.id, 'cursor': cursor}
    return db.session.scalar(_anybody_beyond(way), values) is not None


def _dialect() -> str:
    return db.session.get_bind().dialect.name


def _find_by_lists(viewer: User, way: Way, cursor: int, limit: int) -> Found:
    """Heads on MariaDB, which seeks them for a literal list of authors only."""
    authors = list(db.session.scalars(_sources_select(), {'viewer': viewer.id}))
    heads: list[tuple[int, int]] = []
    for start in range(0, len(authors), LITERALS):
        values = {'authors': authors[start:start + LITERALS], 'cursor': cursor}
        heads += [(head, author) for author, head in db.session.execute(_heads_of_list(way), values)]
    heads = sorted(heads, reverse=way.is_older)[:limit]
    values = {'viewer': viewer.id, 'cursor': cursor} | {f'author_{i}': 0 for i in range(limit)}
    values |= {f'author_{i}': author for i, (_head, author) in enumerate(heads)}
    posts = list(db.session.scalars(_branches(way, limit), values))
    if len(heads) < limit:
        return Found(posts)
    return _up_to(posts, heads[-1][0], way, limit)


def _up_to(posts: list[Post], last: int, way: Way, limit: int) -> Found:
    """Keep what the chosen heads vouch for: one of them may have been deleted since they were read."""
    posts = [post for post in posts if (post.id >= last if way.is_older else post.id <= last)]
    return Found(posts, None if len(posts) == limit else last)


def _number(number: int) -> sa.ColumnClause:
    return sa.literal_column(str(number))


def _sources() -> sa.Subquery:
    """Whose posts the viewer reads: their own and those of whom they follow."""
    own = sa.select(VIEWER.label('id'))
    followed = sa.select(followers.c.followed_id.label('id')).where(followers.c.follower_id == VIEWER)
    return sa.union_all(followed, own).subquery('source')


@cache
def _sources_select() -> sa.Select:
    source = _sources()
    return sa.select(source.c.id).join(User, User.id == source.c.id).where(is_visible())


@cache
def _window(way: Way, size: int, limit: int) -> sa.Select:
    """The posts for the viewer among the nearest `size` of the site."""
    looked_at = ids_beyond(way, size).subquery('looked_at')
    last = sa.select(sa.func.coalesce(way.last(looked_at.c.id), 0)).scalar_subquery()
    is_followed = sa.exists().where(followers.c.follower_id == VIEWER, followers.c.followed_id == Post.user_id)
    posts = posts_for().where(way.beyond(Post.id, CURSOR), way.within(Post.id, last),
                              sa.or_(Post.user_id == VIEWER, is_followed))
    return posts.order_by(way.order(Post.id)).limit(_number(limit))


def _nearest(way: Way, author, limit: int) -> sa.Select:
    """The nearest ids of one author beyond the cursor: a seek in the index (user_id, id)."""
    post = sa.alias(Post.__table__)
    ids = sa.select(post.c.id).where(post.c.user_id == author, way.beyond(post.c.id, CURSOR))
    return ids.order_by(way.order(post.c.id)).limit(_number(limit))


def _heads(way: Way, limit: int) -> sa.Subquery:
    """The authors with the nearest posts, at most `limit`; those without any come last."""
    source = _sources()
    nearest = _nearest(way, source.c.id, 1).correlate(source).scalar_subquery()
    head = sa.func.coalesce(nearest, _number(way.far_end)).label('head')  # IS NOT NULL would seek twice
    heads = sa.select(source.c.id.label('author'), head).join(User, User.id == source.c.id).where(is_visible())
    return heads.order_by(way.order(head)).limit(_number(limit)).subquery('heads')


@cache
def _heads_lateral(way: Way, limit: int) -> sa.Select:
    """PostgreSQL: the nearest posts of each head's author by a lateral join."""
    heads = _heads(way, limit)
    near = _nearest(way, heads.c.author, limit).correlate(heads).lateral('near')
    return _posts_of(way, limit, sa.select(near.c.id).select_from(heads.join(near, sa.true())), near.c.id)


@cache
def _heads_bounded(way: Way, limit: int) -> sa.Select:
    """SQLite, which has no lateral join: each author's posts up to the last that the page could take."""
    heads = _heads(way, limit)
    near = sa.alias(Post.__table__, 'near')
    ids = _nearest(way, heads.c.author, limit).correlate(heads).subquery('of_author')
    last = sa.select(sa.func.coalesce(way.last(ids.c.id), 0)).scalar_subquery()
    both = sa.and_(near.c.user_id == heads.c.author, way.beyond(near.c.id, CURSOR), way.within(near.c.id, last))
    return _posts_of(way, limit, sa.select(near.c.id).select_from(heads.join(near, both)), near.c.id)


@cache
def _heads_of_list(way: Way) -> sa.Select:
    """MariaDB: a loose index scan, one seek for each author of a literal list."""
    post = Post.__table__
    authors = post.c.user_id.in_(sa.bindparam('authors', expanding=True))
    heads = sa.select(post.c.user_id, way.first(post.c.id)).where(authors, way.beyond(post.c.id, CURSOR))
    return heads.group_by(post.c.user_id)


@cache
def _branches(way: Way, limit: int) -> sa.Select:
    """MariaDB, which has no lateral join: one branch for each head; unused ones are bound to author 0."""
    branches = [_nearest(way, sa.bindparam(f'author_{i}', type_=sa.BigInteger), limit).subquery()
                for i in range(limit)]
    ids = sa.union_all(*[sa.select(branch.c.id) for branch in branches]).subquery('near')
    return _posts_of(way, limit, sa.select(ids.c.id), ids.c.id)


def _posts_of(way: Way, limit: int, ids: sa.Select, column) -> sa.Select:
    """The posts of the nearest `limit` of these ids."""
    nearest = ids.order_by(way.order(column)).limit(_number(limit)).subquery('nearest')
    return posts_for().join(nearest, nearest.c.id == Post.id).order_by(way.order(Post.id))


@cache
def _anybody_beyond(way: Way) -> sa.Select:
    """A source with a post beyond the cursor, stopping at the first: their farthest post that way is a plain seek."""
    source = _sources()
    post = sa.alias(Post.__table__)
    farthest = sa.select(way.last(post.c.id)).where(post.c.user_id == source.c.id).scalar_subquery()
    anybody = sa.select(source.c.id).join(User, User.id == source.c.id)
    return anybody.where(is_visible(), way.beyond(farthest, CURSOR)).limit(_number(1))
