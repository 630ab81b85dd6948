"""The public posts with a tag, newest first; page 1,000 costs what page 1 costs."""
from collections import Counter
from functools import cache, partial

import sqlalchemy as sa

from app.extensions import db
from app.models import Post, Tag, User, post_tag, tag_key
from app.policies.relations import is_heard
from app.policies.visibility import is_listed, is_open_to, is_site_open_to
from app.queries.pages import Found, Page, Walk, Way, gather
from app.queries.statements import CURSOR, VIEWER, last_of, number, posts_in, reader_of, with_shown
from app.text.scanning import tags

HIDDEN, LOOKS = 32, 3  # posts with the tag that each look at them reads more than the page has, as some are hidden
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
    dialect, ahead, is_public = db.session.get_bind().dialect.name, limit + HIDDEN, viewer is None

    def nearest(ahead: int, cursor: int) -> list[sa.Row]:
        statement = _tagged(dialect, way, limit, ahead, is_public)
        return list(db.session.execute(statement, _values(viewer, id, cursor)).all())

    def look(cursor: int) -> Found:
        if rows := nearest(ahead, cursor):
            return Found([row[0] for row in rows], rows[-1][0].id if len(rows) == limit else rows[0][1])
        # All are hidden. Asked before they are looked at again, and for half as many: what is deleted in between lets
        # that see farther, and what is posted less far.
        last = db.session.scalar(_last(dialect, way, ahead), _values(viewer, id, cursor))
        posts = [row[0] for row in nearest(2 * ahead, cursor)]
        return Found(posts if last is None else [post for post in posts if way.within(post.id, last)], last)
    return gather(look, cursor, limit, LOOKS)


def _has_any(viewer: User | None, id: int, way: Way, cursor: int) -> bool:
    """True when there is a post beyond the cursor, or may be one behind the hidden ones that are looked at."""
    dialect, values = db.session.get_bind().dialect.name, _values(viewer, id, cursor)
    if db.session.scalar(_any_tagged(dialect, way, viewer is None), values) is not None:
        return True
    return db.session.scalar(_last(dialect, way, HIDDEN), values) is not None


def _values(viewer: User | None, id: int, cursor: int) -> dict[str, int]:
    return {'tag': id, 'cursor': cursor} | ({} if viewer is None else {'viewer': viewer.id})


@cache
def _tagged(dialect: str, way: Way, limit: int, ahead: int, is_public: bool) -> sa.Select:
    """Of the nearest `ahead` posts with the tag those that are to be shown, and beside each the last of these; NULL
    when there are no more."""
    looked_at = _nearest(dialect, way, ahead).subquery('looked_at')
    last = sa.case((sa.func.count().over() == number(ahead), way.last(looked_at.c.id).over())).label('last')
    numbered = sa.select(looked_at.c.id, last).subquery('numbered')
    kept = _met(dialect, sa.select(numbered), numbered, is_public)
    return posts_in(way, kept.order_by(way.order(numbered.c.id)).limit(number(limit)),
                    sa.literal_column('few.last'), is_public)


@cache
def _any_tagged(dialect: str, way: Way, is_public: bool) -> sa.Select:
    few = _nearest(dialect, way, HIDDEN).subquery('few')
    return _met(dialect, sa.select(few.c.id), few, is_public).limit(number(1))


@cache
def _last(dialect: str, way: Way, size: int) -> sa.Select:
    return last_of(way, _nearest(dialect, way, size).subquery('few'), size)


def _met(dialect: str, rows: sa.Select, ids: sa.Subquery, is_public: bool) -> sa.Select:
    """What is to be shown of these few ids; PostgreSQL would look for all that is listed by the index on that."""
    post = sa.alias(Post.__table__)
    is_met = sa.and_(is_open_to(reader_of(is_public), post.c), is_listed(post.c))
    rows = rows.join(post, post.c.id == ids.c.id).where(sa.case((is_met, sa.true()), else_=sa.false()))
    rows = with_shown(dialect, rows, post.c.user_id, is_public).prefix_with('STRAIGHT_JOIN', dialect='mysql')
    return rows if is_public else rows.where(is_heard(VIEWER, post.c.user_id))


def _nearest(dialect: str, way: Way, size: int) -> sa.Select:
    """The ids of the nearest posts with the tag.

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
    return nearest.order_by(way.order(tag), way.order(id))
