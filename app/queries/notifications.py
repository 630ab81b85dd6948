"""What somebody was told, and what they want to be told."""
from collections.abc import Collection
from functools import cache
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import NO_POST, Notification, NotificationChoice, Post, ThreadMute, User
from app.policies.notifications import KINDS, Ways, is_about_readable, is_like, is_told
from app.policies.relations import are_together, hears_of

NOBODY = 0
PEOPLE: Any = sa.bindparam('people', expanding=True)
KIND = sa.bindparam('kind', type_=sa.String)
ACTOR, POST = sa.bindparam('actor', type_=sa.BigInteger), sa.bindparam('post', type_=sa.BigInteger)


def ways(user_id: int) -> dict[str, Ways]:
    """Where a person wants to hear of each kind."""
    rows = db.session.scalars(sa.select(NotificationChoice).where(NotificationChoice.user_id == user_id))
    return KINDS | {row.kind: Ways(row.site, row.mail) for row in rows if row.kind in KINDS}


def listeners(user_ids: Collection[int], kind: str, actor_id: int | None, post_id: int | None) -> dict[int, Ways]:
    """Which of these people want to hear of something that somebody did, and where: nobody who has muted them."""
    rows = db.session.execute(_listeners(), {'people': list(user_ids), 'kind': kind, 'actor': actor_id or NOBODY,
                                             'post': post_id or NO_POST})
    usual = KINDS[kind]
    found = {id: usual if site is None else Ways(site, mail) for id, site, mail in rows}
    return {id: ways for id, ways in found.items() if any(ways)}


def too_many(user_ids: Collection[int], kind: str, most: int) -> list[tuple[int, int]]:
    """Of these people those who have more of the sort than are kept, each with the newest that is to go."""
    rows = db.session.execute(_too_many(kind, most), {'people': list(user_ids)}).all()
    return [(id, last) for id, last in rows if last is not None]


def unread(viewer: User, id: int) -> Notification | None:
    """One thing that the viewer was told and has not read, with its actor."""
    actor = so.contains_eager(Notification.actor).load_only(User.username, User.name, User.avatar_version)
    told = sa.select(Notification).join(Notification.actor).where(is_told(viewer), is_about_readable(viewer))
    told = told.options(actor)
    return db.session.scalar(told.where(Notification.id == id, Notification.is_read.is_(False)))


@cache
def _too_many(kind: str, most: int) -> sa.Select:
    own = sa.select(Notification.id).where(Notification.user_id == User.id, is_like(kind))
    last = own.order_by(Notification.id.desc()).offset(most).limit(1).correlate(User).scalar_subquery()
    return sa.select(User.id, last).where(User.id.in_(PEOPLE))


@cache
def _listeners() -> sa.Select:
    """Built once: whoever writes a post may tell twenty people."""
    return listening(User.id, NotificationChoice.site, NotificationChoice.mail)


def listening(*columns: Any) -> sa.Select:
    """Of :people those who may hear of something of a :kind that :actor did in :post, with what they have chosen."""
    chosen = sa.and_(NotificationChoice.user_id == User.id, NotificationChoice.kind == KIND)
    people = sa.select(*columns).select_from(User).outerjoin(NotificationChoice, chosen)
    post = sa.select(sa.func.coalesce(Post.root_id, Post.id)).where(Post.id == POST).scalar_subquery()
    thread = sa.select(ThreadMute.root_id).where(ThreadMute.user_id == User.id, ThreadMute.root_id == post)
    return people.where(User.id.in_(PEOPLE), are_together(User.id, ACTOR), hears_of(User.id, ACTOR),
                        thread.scalar_subquery().is_(None))
