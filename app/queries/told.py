"""What somebody was told as a page shows it: the same of one post, or of oneself, on one day is one entry."""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import NO_POST, Notification, Post, User, UTCDateTime
from app.policies.notifications import TOGETHER, is_about_readable, is_told
from app.queries.pages import NEWER, OLDER, Way
from app.queries.statements import CURSOR, reader_of

NAMED = 2  # of those who did the same
LOOKED_AT = 75  # rows at once, three for each entry of a page
A_DAY = timedelta(days=2)  # no day of anybody's is longer
POSTS: Any = sa.bindparam('posts', expanding=True)
IDS: Any = sa.bindparam('ids', expanding=True)


@dataclass
class Told:
    """One entry: its place in the list and its moment are those of the newest in it."""

    id: int
    kind: str
    post_id: int
    created_at: datetime
    is_ours: bool  # nobody did it but the reader or the site
    is_read: bool = True
    ids: list[int] = field(default_factory=list)
    actor_ids: list[int] = field(default_factory=list)  # the newest first, each once
    actors: list[User] = field(default_factory=list)  # the first of them
    post: Post | None = None

    @property
    def actor(self) -> User:
        """Who did it last."""
        return self.actors[0]


@dataclass
class Page:
    """Entries, the newest first, with the cursors of the neighbours."""

    told: list[Told]
    newer: int | None = None
    older: int | None = None


def page(viewer: User, before: int | None, after: int | None, count: int, date_of: Callable[[datetime], date]) -> Page:
    """A page of entries, each of them whole. `date_of` says on which day of the reader a moment was."""
    entries = partial(_entries, viewer, date_of)
    found = _above(entries, after, count) if after is not None else None
    if found is None:
        found = _below(entries, before if after is None else None, count)
    _name(found.told)
    return found


def has_more_unread(viewer: User, told: list[Told]) -> bool:
    """True when others than these are new, too."""
    unread = _visible().where(Notification.is_read.is_(False), Notification.id.not_in(IDS)).limit(1)
    ids = [id for entry in told for id in entry.ids]
    return db.session.execute(unread, {'viewer': viewer.id, 'ids': ids}).first() is not None


def _above(entries: Callable[..., list[Told]], cursor: int, count: int) -> Page | None:
    """The entries just above a cursor; None near the top, where the newest page is whole."""
    told = entries(NEWER, cursor, count + 1)
    if len(told) <= count:
        return None
    told = told[count - 1::-1]
    return Page(told, told[0].id, told[-1].id if entries(OLDER, told[-1].id, 1) else None)


def _below(entries: Callable[..., list[Told]], cursor: int | None, count: int) -> Page:
    """The entries just below a cursor; beyond the end is the beginning."""
    told = entries(OLDER, OLDER.start if cursor is None else cursor, count + 1)
    if cursor is None or not told:
        told = told or entries(OLDER, OLDER.start, count + 1)
        newer = None
    else:
        newer = told[0].id if entries(NEWER, told[0].id, 1) else None
    return Page(told[:count], newer, told[count - 1].id if len(told) > count else None)


def _entries(viewer: User, date_of: Callable[[datetime], date], way: Way, cursor: int, count: int) -> list[Told]:
    """The next entries beyond a cursor, the nearest first.

    As many rows are looked at as it takes, and for each of these all that may be in one entry with it.
    """
    rows: dict[int, sa.Row] = {}
    last = cursor
    while True:
        found = db.session.execute(_next(way), {'viewer': viewer.id, 'cursor': last}).all()
        rows |= {row.id: row for row in [*found, *_beside(viewer, found)]}
        is_end = len(found) < LOOKED_AT
        last = way.far_end if is_end else found[-1].id
        low, high = sorted((cursor, last))
        told = [entry for entry in _grouped(viewer, rows, date_of) if low <= entry.id <= high and entry.id != cursor]
        if is_end or len(told) >= count:
            return sorted(told, key=lambda entry: entry.id, reverse=way.is_older)[:count]


def _beside(viewer: User, rows: Sequence[sa.Row]) -> Sequence[sa.Row]:
    """What may be told together with one of these rows, near in time wherever it stands."""
    posts = {row.post_id for row in rows if row.kind in TOGETHER}
    if not posts:
        return ()
    moments = [row.created_at for row in rows]
    return db.session.execute(_of_posts(), {'viewer': viewer.id, 'posts': list(posts), 'since': min(moments) - A_DAY,
                                            'until': max(moments) + A_DAY}).all()


def _grouped(viewer: User, rows: dict[int, sa.Row], date_of: Callable[[datetime], date]) -> Iterable[Told]:
    """The entries that these rows make."""
    entries: dict[tuple, Told] = {}
    for id, kind, actor_id, post_id, created_at, is_read in (rows[id] for id in sorted(rows, reverse=True)):
        key = (kind, post_id, date_of(created_at)) if kind in TOGETHER else (id,)
        entry = entries.get(key)
        if entry is None:
            entry = entries[key] = Told(id, kind, post_id, created_at, actor_id == viewer.id)
        entry.ids.append(id)
        entry.actor_ids.append(actor_id)
        entry.is_read = entry.is_read and is_read
    return entries.values()


@cache
def _next(way: Way) -> sa.Select:
    """Built once, which takes long."""
    return _visible().where(way.beyond(Notification.id, CURSOR)).order_by(way.order(Notification.id)).limit(LOOKED_AT)


@cache
def _of_posts() -> sa.Select:
    since, until = sa.bindparam('since', type_=UTCDateTime), sa.bindparam('until', type_=UTCDateTime)
    return _visible().where(Notification.post_id.in_(POSTS), Notification.kind.in_(TOGETHER),
                            Notification.created_at.between(since, until))


def _visible() -> sa.Select:
    """What is kept for :viewer and for their eyes."""
    viewer = reader_of(False)
    rows = sa.select(Notification.id, Notification.kind, Notification.actor_id, Notification.post_id,
                     Notification.created_at, Notification.is_read).join(Notification.actor)
    return rows.where(is_told(viewer), Notification.on_site.is_(True), is_about_readable(viewer))


def _name(told: list[Told]) -> None:
    """Find the people who are named, and the posts that it is about."""
    ids = {id for entry in told for id in entry.actor_ids[:NAMED]}
    found = {person.id: person for person in db.session.scalars(_people(), {'ids': list(ids)})} if ids else {}
    about = {entry.post_id for entry in told} - {NO_POST}
    posts = {post.id: post for post in db.session.scalars(_few(), {'posts': list(about)})} if about else {}
    for entry in told:
        entry.actors = [found[id] for id in entry.actor_ids[:NAMED]]
        entry.post = posts.get(entry.post_id)


@cache
def _people() -> sa.Select:
    return sa.select(User).where(User.id.in_(IDS)).options(so.load_only(User.username, User.name, User.avatar_version))


@cache
def _few() -> sa.Select:
    return sa.select(Post).where(Post.id.in_(POSTS)).options(so.load_only(Post.body, Post.language))
