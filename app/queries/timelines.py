"""Timelines: home, explore and profile, newest first, at the same cost on every page."""
from functools import cache, partial

import sqlalchemy as sa

from app.extensions import db
from app.models import Post, User
from app.policies.visibility import is_site_open_to
from app.queries import home as homes
from app.queries.pages import Found, Page, Walk, Way
from app.queries.statements import CURSOR, ids_beyond, posts_for

LOOKS = (128, 4096, 4096)  # ids that one page of explore looks at, at most


def home(viewer: User, before: int | None, after: int | None, count: int) -> Page:
    """What the viewer and the people they follow wrote."""
    return Walk(partial(homes.find, viewer), partial(homes.has_any, viewer)).page(before, after, count)


def explore(viewer: User | None, before: int | None, after: int | None, count: int) -> Page:
    """What everybody wrote."""
    if not is_site_open_to(viewer):
        return Page()
    return Walk(partial(_find_all, viewer), partial(_has_any, viewer)).page(before, after, count)


def profile(viewer: User | None, user: User, before: int | None, after: int | None, count: int) -> Page:
    """What one person wrote."""
    if not is_site_open_to(viewer):
        return Page()
    return Walk(partial(_find_of, viewer, user), partial(_has_any_of, viewer, user)).page(before, after, count)


def _find_all(viewer: User | None, way: Way, cursor: int, limit: int) -> Found:
    """Look at a bounded number of ids, so that a page never walks over all posts of a suspended author."""
    posts: list[Post] = []
    start: int | None = cursor
    for size in LOOKS:
        values = _values(viewer, cursor=start)
        posts += db.session.scalars(_everybody(way, size, limit - len(posts), viewer is None), values)
        if len(posts) == limit:
            return Found(posts)
        start = db.session.scalar(_last_looked_at(way, size), values)
        if start is None:
            return Found(posts)
    return Found(posts, start)


def _has_any(viewer: User | None, way: Way, cursor: int) -> bool:
    found = _find_all(viewer, way, cursor, 1)
    return bool(found.posts) or found.stopped_at is not None


def _find_of(viewer: User | None, user: User, way: Way, cursor: int, limit: int) -> Found:
    values = _values(viewer, cursor=cursor, author=user.id)
    return Found(list(db.session.scalars(_of_one(way, limit, viewer is None), values)))


def _has_any_of(viewer: User | None, user: User, way: Way, cursor: int) -> bool:
    return bool(_find_of(viewer, user, way, cursor, 1).posts)


def _values(viewer: User | None, **values) -> dict:
    return values if viewer is None else values | {'viewer': viewer.id}


@cache
def _everybody(way: Way, size: int, limit: int, is_public: bool) -> sa.Select:
    looked_at = ids_beyond(way, size).subquery('looked_at')
    posts = posts_for(is_public).join(looked_at, looked_at.c.id == Post.id)
    return posts.order_by(way.order(looked_at.c.id)).limit(sa.literal_column(str(limit)))


@cache
def _last_looked_at(way: Way, size: int) -> sa.Select:
    """The last of `size` ids beyond the cursor, NULL when there are fewer."""
    ids = ids_beyond(way, size).subquery('looked_at')
    return sa.select(sa.case((sa.func.count() == size, way.last(ids.c.id))))


@cache
def _of_one(way: Way, limit: int, is_public: bool) -> sa.Select:
    of_author = Post.user_id == sa.bindparam('author', type_=sa.BigInteger)
    posts = posts_for(is_public).where(of_author, way.beyond(Post.id, CURSOR))
    return posts.order_by(way.order(Post.id)).limit(sa.literal_column(str(limit)))
