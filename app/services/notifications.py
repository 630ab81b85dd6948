"""Telling people what concerns them: on the site, by mail, or not at all, as they wish.

Whoever changes somebody's notifications locks that person first, so that the number of unread ones is always right.
"""
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from app import email, tokens
from app.extensions import db
from app.models import NO_POST, Notification, NotificationChoice, User, add_once, lock_people, rows_changed
from app.policies.notifications import KINDS, RETURNING, Ways, counts
from app.queries import notifications as reading
from app.services import letters

KEPT = timedelta(days=90)
MOST = 300  # for one person; the oldest go
AT_ONCE = 500  # people who are locked together


def tell(user_id: int, kind: str, *, actor_id: int | None = None, post_id: int | None = None) -> None:
    """Let somebody know, in the act's own transaction; the same again changes nothing until it was read.

    Nobody is told of what they do themselves: without an actor it is the site, or somebody unknown, that did it.
    """
    if actor_id == user_id:
        return
    people = {user_id, actor_id or user_id}
    if lock_people(*people) < len(people):  # deleted meanwhile
        return
    ways = reading.ways(user_id)[kind]
    row = Notification(user_id=user_id, kind=kind, actor_id=actor_id or user_id, post_id=post_id or NO_POST,
                       on_site=ways.site)
    if any(ways) and _is_news(row):
        _count_news(row)
        if ways.mail and email.is_configured():
            letters.send_news_later(row)


def see(user_id: int, ids: Collection[int]) -> None:
    """Note that somebody has looked at these."""
    _read(user_id, Notification.id.in_(ids))


def see_about(user_id: int, kind: str, *, actor_id: int) -> None:
    """Note that somebody has looked at what they were told of: at the messages of a person, say."""
    _read(user_id, sa.and_(Notification.kind == kind, Notification.actor_id == actor_id))


def of_unsubscribe_token(token: str) -> tuple[User, str] | None:
    """The person whose mails a link is to end, and which kind of them; None when it is not good (any more)."""
    claims = tokens.read('unsubscribe', token) or {}
    user, kind = db.session.get(User, claims.get('unsubscribe', 0)), claims.get('kind')
    return (user, kind) if user is not None and kind in KINDS else None


def refuse_mail(user: User, kind: str) -> None:
    """Send no mail of this kind any more, as a link in one of them asks."""
    choose(user, {kind: reading.ways(user.id)[kind]._replace(mail=False)})


def see_all(user: User) -> None:
    """Mark everything as read."""
    _read(user.id, sa.true())


def choose(user: User, chosen: dict[str, Ways]) -> None:
    """Say where one wants to hear of each of these kinds."""
    if not lock_people(user.id):
        return
    rows_changed(sa.delete(NotificationChoice).where(NotificationChoice.user_id == user.id,
                                                     NotificationChoice.kind.in_(chosen)))
    db.session.add_all(NotificationChoice(user_id=user.id, kind=kind, site=ways.site, mail=ways.mail)
                       for kind, ways in chosen.items() if ways != KINDS[kind])


def told_by(actor: User) -> sa.Select:
    """The ids of those who were told of something that this person did, and have not read it."""
    unread = sa.select(Notification.user_id).where(Notification.actor_id == actor.id, Notification.is_read.is_(False))
    return unread.distinct()


def silence(actor: User) -> None:
    """Count nothing any more that this person did; whoever was told of it is locked already."""
    people = db.session.scalars(told_by(actor)).all()
    rows_changed(sa.update(Notification).where(Notification.actor_id == actor.id).values(is_read=True))
    for start in range(0, len(people), AT_ONCE):
        _recount(people[start:start + AT_ONCE])


def remove_old(now: datetime, count: int) -> bool:
    """Remove what is too old, `count` rows of it; True when there may be more."""
    old = sa.select(Notification.id, Notification.user_id).where(Notification.created_at < now - KEPT)
    rows = db.session.execute(old.order_by(Notification.created_at).limit(count)).all()
    people = {user_id for _id, user_id in rows}
    lock_people(*people)
    rows_changed(sa.delete(Notification).where(Notification.id.in_([id for id, _user_id in rows])))
    _recount(people)
    return len(rows) == count


def _is_news(row: Notification) -> bool:
    """Store what is to be told; False when it was told and, if it is of a kind that returns, not read yet."""
    if row.kind in RETURNING:
        rows_changed(sa.delete(Notification).where(
            Notification.user_id == row.user_id, Notification.kind == row.kind,
            Notification.actor_id == row.actor_id, Notification.post_id == row.post_id, Notification.is_read.is_(True)))
    return add_once(row)


def _count_news(row: Notification) -> None:
    """Count it, and let the oldest go when there are too many."""
    if row.on_site:
        rows_changed(sa.update(User).where(User.id == row.user_id).values(
            unread_notifications=User.unread_notifications + 1))
    own = sa.select(Notification.id).where(Notification.user_id == row.user_id)
    first_too_many = db.session.scalar(own.order_by(Notification.id.desc()).offset(MOST).limit(1))
    if first_too_many is not None:
        rows_changed(sa.delete(Notification).where(
            Notification.user_id == row.user_id, Notification.id <= first_too_many))
        _recount([row.user_id])


def _read(user_id: int, which: sa.ColumnElement[bool]) -> None:
    lock_people(user_id)
    unread = sa.update(Notification).where(Notification.user_id == user_id, Notification.is_read.is_(False), which)
    if rows_changed(unread.values(is_read=True)):
        _recount([user_id])


def _recount(people: Collection[int]) -> None:
    """Count what is unread, for people who are locked."""
    unread = sa.select(sa.func.count()).select_from(Notification).where(
        Notification.user_id == User.id, counts())
    rows_changed(sa.update(User).where(User.id.in_(people)).values(
        unread_notifications=unread.correlate(User).scalar_subquery()))
