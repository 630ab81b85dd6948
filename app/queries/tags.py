"""The public posts with a tag, newest first; page 1,000 costs what page 1 costs."""
from collections import Counter
from functools import cache, partial

import sqlalchemy as sa

from app.extensions import db
from app.models import Post, Tag, User, post_tag, tag_key
from app.policies.relations import is_heard
from app.policies.visibility import is_listed, is_site_open_to
from app.queries.pages import Found, Page, Walk, Way
from app.queries.statements import CURSOR, VIEWER, is_visible, number, posts_in
from app.text.scanning import tags

LOOKS = (32, 32)  # posts with the tag that a page looks at behind its own, when they are hidden
TAG = sa.bindparam('tag', type_=sa.BigInteger)


def page(viewer: User | None, name: str, before: int | None, after: int | None, count: int) -> Page:
    """A page of the posts with this tag, however it is written."""
    id = db.session.scalar(sa.select(Tag.id).where(Tag.key == tag_key(name))) if is_site_open_to(viewer) else None
    if id is None:
        return Page()
    return Walk(partial(_find, viewer, id), partial(_has_any, viewer, id)).page(before, after, count)


def most_written(name: str, posts: list[Post]) -> str:
    """How most of these posts write a tag; as it is given when none of them has it."""
    key = tag_key(name)
    forms = Counter(form for post in posts for form in tags(post.body) if tag_key(form) == key)
    return forms.most_common(1)[0][0] if forms else name


def _find(viewer: User | None, id: int, way: Way, cursor: int, limit: int) -> Found:
    """Look at a bounded number of posts, so that a page never walks over all those that the viewer may not see."""
    posts: list[Post] = []
    dialect = db.session.get_bind().dialect.name
    for size in (limit, *LOOKS):
        values = {'tag': id, 'cursor': cursor} | ({} if viewer is None else {'viewer': viewer.id})
        found = Found.among(db.session.execute(_tagged(dialect, way, size, viewer is None), values).all(), size)
        posts += found.posts
        if len(posts) >= limit or found.stopped_at is None:
            return Found(posts[:limit])
        cursor = found.stopped_at
    return Found(posts, cursor)


def _has_any(viewer: User | None, id: int, way: Way, cursor: int) -> bool:
    found = _find(viewer, id, way, cursor, 1)
    return bool(found.posts) or found.stopped_at is not None


@cache
def _tagged(dialect: str, way: Way, size: int, is_public: bool) -> sa.Select:
    """The nearest posts with the tag, and whether each is to be shown.

    The servers are asked in words that only the index can sort, and as a range: PostgreSQL would read all that it
    takes for a few, and MariaDB, by the tag alone, all that lies before a deep page, as SQLite would in a range.
    """
    tag, id = post_tag.c.tag_id, post_tag.c.post_id
    nearest = sa.select(id.label('id')).limit(number(size))
    if dialect == 'postgresql':
        nearest = nearest.where(way.beyond(sa.tuple_(tag, id), sa.tuple_(TAG, CURSOR)), way.within(tag, TAG))
    elif dialect == 'mysql':
        nearest = nearest.where(tag >= TAG, tag <= TAG, way.beyond(id, CURSOR))
    else:
        nearest = nearest.where(tag == TAG, way.beyond(id, CURSOR))
    nearest = nearest.order_by(way.order(tag), way.order(id))
    is_met = sa.true() if is_public else is_heard(VIEWER, Post.user_id)
    return posts_in(way, nearest, sa.and_(is_visible(is_public), is_listed(), is_met), is_public)
