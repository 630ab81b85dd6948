"""What somebody was told as a page shows it: the same of one post, or of oneself, on one day is one entry."""
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import NO_POST, Notification, Post, User
from app.policies.notifications import TOGETHER, is_about_readable, is_told

NAMED = 2  # of those who did the same


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
    """Entries, the newest first, with the cursors of the neighbours; `has_more_unread` when others are new too."""

    told: list[Told]
    newer: int | None
    older: int | None
    has_more_unread: bool


def page(viewer: User, before: int | None, after: int | None, count: int, date_of: Callable[[datetime], date]) -> Page:
    """A page of entries. All that is kept for somebody is looked at, which is bounded: so each is whole.

    `date_of` says on which day of the reader a moment was.
    """
    entries = _entries(viewer, date_of)
    first = _first_of_page([entry.id for entry in entries], before, after, count)
    told = entries[first:first + count]
    _name(told)
    unread = sum(not entry.is_read for entry in entries) > sum(not entry.is_read for entry in told)
    return Page(told, told[0].id if first and told else None,
                told[-1].id if len(entries) > first + count else None, unread)


def _first_of_page(ids: list[int], before: int | None, after: int | None, count: int) -> int:
    """Where the page begins in the list of the ids, which fall; beyond the end is the beginning."""
    if after is not None:
        return max(sum(id > after for id in ids) - count, 0)
    first = 0 if before is None else sum(id >= before for id in ids)
    return first if first < len(ids) else 0


def _entries(viewer: User, date_of: Callable[[datetime], date]) -> list[Told]:
    entries: dict[tuple, Told] = {}
    for id, kind, actor_id, post_id, created_at, is_read in db.session.execute(_rows(viewer)):
        key = (kind, post_id, date_of(created_at)) if kind in TOGETHER else (id,)
        entry = entries.get(key)
        if entry is None:
            entry = entries[key] = Told(id, kind, post_id, created_at, actor_id == viewer.id)
        entry.ids.append(id)
        entry.actor_ids.append(actor_id)
        entry.is_read = entry.is_read and is_read
    return list(entries.values())


def _rows(viewer: User) -> sa.Select:
    """Everything that is kept for the viewer and for their eyes, the newest first."""
    rows = sa.select(Notification.id, Notification.kind, Notification.actor_id, Notification.post_id,
                     Notification.created_at, Notification.is_read).join(Notification.actor)
    return rows.where(is_told(viewer), Notification.on_site.is_(True),
                      is_about_readable(viewer)).order_by(Notification.id.desc())


def _name(told: list[Told]) -> None:
    """Find the people who are named, and the posts that it is about."""
    ids = {id for entry in told for id in entry.actor_ids[:NAMED]}
    people = sa.select(User).where(User.id.in_(ids)).options(
        so.load_only(User.username, User.name, User.avatar_version))
    found = {person.id: person for person in db.session.scalars(people)} if ids else {}
    about = {entry.post_id for entry in told} - {NO_POST}
    few = sa.select(Post).where(Post.id.in_(about))
    posts = {post.id: post for post in db.session.scalars(few)} if about else {}
    for entry in told:
        entry.actors = [found[id] for id in entry.actor_ids[:NAMED]]
        entry.post = posts.get(entry.post_id)
