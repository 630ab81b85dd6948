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
LOOKED_AT = 75  # rows, three for each entry of a page
LONGEST_DAY = timedelta(days=2)  # of somebody where the date line was moved
POSTS: Any = sa.bindparam('posts', expanding=True)
IDS: Any = sa.bindparam('ids', expanding=True)


@dataclass
class Actor:
    """Who did it, as far as a list shows people: read with what they did, they are not gone when it is drawn."""

    id: int
    username: str
    name: str
    avatar_version: int
    display_name = User.display_name
    avatar = User.avatar


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
    actors: list[Actor] = field(default_factory=list)  # the first of them
    post: Post | None = None

    @property
    def actor(self) -> Actor:
        """Who did it last."""
        return self.actors[0]


@dataclass
class Page:
    """Entries, the newest first, with the cursors of the neighbours."""

    told: list[Told]
    newer: int | None = None
    older: int | None = None
    is_beside_unread: bool = False  # entries are new that were found, but are not on the page


def page(viewer: User, before: int | None, after: int | None, count: int, date_of: Callable[[datetime], date]) -> Page:
    """A page of entries, each of them whole. `date_of` says on which day of the reader a moment was.

    Mostly it is known from a window of rows. Where hundreds are one entry all are read: no more than are kept.
    """
    grouped = partial(_grouped, viewer, date_of)
    entries = _around(viewer, grouped, before, after, count)
    if entries is None:
        entries = grouped(db.session.execute(_all(), {'viewer': viewer.id}))
    found = _cut(entries, before, after, count)
    _add_posts(found.told)
    return found


def has_more_unread(viewer: User, page: Page) -> bool:
    """True when others than these are new, too."""
    ids = [id for entry in page.told for id in entry.ids]
    return page.is_beside_unread or db.session.execute(_unread(), {'viewer': viewer.id, 'ids': ids}).first() is not None


def _cut(entries: list[Told], before: int | None, after: int | None, count: int) -> Page:
    """The page at a cursor; beyond the end is the beginning, and near the top the newest page is whole."""
    start = 0
    if after is not None:
        start = max(sum(entry.id > after for entry in entries) - count, 0)
    elif before is not None:
        start = sum(entry.id >= before for entry in entries) % max(len(entries), 1)
    told = entries[start:start + count]
    more = len(entries) > start + count
    others = entries[:start] + entries[start + count:]
    return Page(told, told[0].id if start else None, told[-1].id if more else None,
                not all(entry.is_read for entry in others))


def _around(viewer: User, grouped: Callable[..., list[Told]], before: int | None, after: int | None,
            count: int) -> list[Told] | None:
    """The entries beside a cursor, the newest first: all of its page and one on either side, where there is one.

    A window of rows beyond the cursor is looked at, with all that may be in one entry with these. None when that does
    not say enough: what is just on this side of the cursor is known only if the cursor is (still) told of.
    """
    way, cursor = (NEWER, after) if after is not None else (OLDER, OLDER.start if before is None else before)
    rows = db.session.execute(_next(way), {'viewer': viewer.id, 'cursor': cursor}).all()
    is_end = len(rows) < LOOKED_AT
    if is_end and cursor == OLDER.start:
        return grouped(rows)
    last = way.far_end if is_end else rows[-1].id
    entries = grouped([*rows, *_beside(viewer, rows)])
    beyond = [entry for entry in entries if way.beyond(entry.id, cursor) and way.within(entry.id, last)]
    back = [entry for entry in entries if entry.id == cursor or (way.is_older and entry.id > cursor)]
    if way.is_older:
        is_enough = (is_end or len(beyond) > count) and (before is None or (back and beyond))
        return back + beyond if is_enough else None
    return beyond + back if back and len(beyond) + is_end > count else None


def _beside(viewer: User, rows: Sequence[sa.Row]) -> Sequence[sa.Row]:
    """What may be told together with one of these rows, near in time wherever it stands."""
    posts = {row.post_id for row in rows if row.kind in TOGETHER}
    if not posts:
        return ()
    moments = [row.created_at for row in rows]
    span = {'since': min(moments) - LONGEST_DAY, 'until': max(moments) + LONGEST_DAY}
    return db.session.execute(_of_posts(), {'viewer': viewer.id, 'posts': list(posts), **span}).all()


def _grouped(viewer: User, date_of: Callable[[datetime], date], rows: Iterable[sa.Row]) -> list[Told]:
    """The entries that these rows make, the newest first."""
    entries: dict[tuple, Told] = {}
    found = {row.id: row for row in rows}
    for id, kind, post_id, created_at, is_read, *actor in (found[id] for id in sorted(found, reverse=True)):
        key = (kind, post_id, date_of(created_at)) if kind in TOGETHER else (id,)
        entry = entries.get(key)
        if entry is None:
            entry = entries[key] = Told(id, kind, post_id, created_at, actor[0] == viewer.id)
        entry.ids.append(id)
        entry.actor_ids.append(actor[0])
        if len(entry.actors) < NAMED:
            entry.actors.append(Actor(*actor))
        entry.is_read = entry.is_read and is_read
    return list(entries.values())


@cache
def _next(way: Way) -> sa.Select:
    """From the cursor on, which is looked at, too. Built once, which takes long."""
    beside = Notification.id <= CURSOR if way.is_older else Notification.id >= CURSOR
    return _rows().where(beside).order_by(way.order(Notification.id)).limit(LOOKED_AT)


@cache
def _of_posts() -> sa.Select:
    since, until = sa.bindparam('since', type_=UTCDateTime), sa.bindparam('until', type_=UTCDateTime)
    return _rows().where(Notification.post_id.in_(POSTS), Notification.kind.in_(TOGETHER),
                         Notification.created_at.between(since, until))


@cache
def _all() -> sa.Select:
    return _rows()


@cache
def _unread() -> sa.Select:
    return _visible(Notification.id).where(Notification.is_read.is_(False), Notification.id.not_in(IDS)).limit(1)


def _rows() -> sa.Select:
    return _visible(Notification.id, Notification.kind, Notification.post_id, Notification.created_at,
                    Notification.is_read, User.id.label('actor_id'), User.username, User.name, User.avatar_version)


def _visible(*columns: Any) -> sa.Select:
    """What is kept for :viewer and for their eyes."""
    viewer = reader_of(False)
    rows = sa.select(*columns).select_from(Notification).join(Notification.actor)
    return rows.where(is_told(viewer), Notification.on_site.is_(True), is_about_readable(viewer))


def _add_posts(told: list[Told]) -> None:
    """Find what it is about."""
    about = {entry.post_id for entry in told} - {NO_POST}
    posts = {post.id: post for post in db.session.scalars(_few(), {'posts': list(about)})} if about else {}
    for entry in told:
        entry.post = posts.get(entry.post_id)


@cache
def _few() -> sa.Select:
    return sa.select(Post).where(Post.id.in_(POSTS)).options(so.load_only(Post.body, Post.language))
