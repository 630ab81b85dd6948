"""What goes by itself: old sessions, unconfirmed accounts and names, finished tasks, form keys, events, news."""
from datetime import datetime, timedelta

import sqlalchemy as sa

from app import email
from app.extensions import db
from app.models import (
    Event,
    HeldUsername,
    Mute,
    Post,
    RateLimit,
    RefusedAddress,
    Submission,
    Task,
    User,
    UserSession,
    rows_changed,
    utcnow,
)
from app.services import accounts, notifications
from app.tasks import DONE, FAILED, enqueue, every

KEPT = timedelta(days=7)
REFUSALS_KEPT = timedelta(days=30)  # a mailbox may be there again
EVENTS_KEPT = timedelta(days=90)
EVENTS_OF_NOBODY_KEPT = timedelta(days=1)
EVENTS_OF_A_KIND = 50  # for one person: many failed log-ins do not push the one that worked out of sight
AT_ONCE = 1000


@every(timedelta(hours=1))
def remove_expired() -> None:
    """Remove what has outlived its time, a thousand rows of a kind in one transaction, and then the next."""
    now = utcnow()
    full = [
        _remove(UserSession, sa.not_(UserSession.is_good()), **UserSession.limits(now)),
        _remove(Submission, Submission.created_at < now - KEPT, Submission.key),
        _remove(Task, sa.and_(Task.state.in_([DONE, FAILED]), Task.finished_at < now - KEPT)),
        _remove(HeldUsername, HeldUsername.held_until < now, HeldUsername.username_key),
        _remove(RefusedAddress, RefusedAddress.refused_at < now - REFUSALS_KEPT, RefusedAddress.email_key),
        _remove_mutes(now),
        _remove(Event, Event.created_at < now - EVENTS_KEPT),
        _remove(Event, sa.and_(Event.user_id.is_(None), Event.created_at < now - EVENTS_OF_NOBODY_KEPT)),
        _remove(Event, _is_one_too_many()),
        email.is_configured() and _remove_unconfirmed(now),
        _remove_counts(now),  # last, since whoever counts does not wait long for a lock
    ]
    if any(full):
        enqueue(remove_expired)


@every(timedelta(hours=1))
def remove_old_notifications() -> None:
    """Remove what people were told long ago; by itself, since it locks them."""
    if notifications.remove_old(utcnow(), AT_ONCE):
        enqueue(remove_old_notifications)


def _remove_unconfirmed(now: datetime) -> bool:
    """Delete accounts whose time to confirm is over; the update locks the row, and skips who confirms just now."""
    unused = sa.select(User).where(User.confirm_by < now, ~sa.exists().where(Post.user_id == User.id))
    users = db.session.scalars(unused.limit(AT_ONCE)).all()
    for user in users:
        late = sa.update(User).where(User.id == user.id, User.confirm_by < now).values(confirm_by=now)
        if rows_changed(late):
            accounts.delete(user)
    return len(users) == AT_ONCE


def _remove_mutes(now: datetime) -> bool:
    """Remove mutes that are over; the last condition spares what somebody else prolongs just now."""
    over = Mute.until < now
    people = db.session.scalars(sa.select(Mute.muter_id).where(over).limit(AT_ONCE)).all()
    rows_changed(sa.delete(Mute).where(Mute.muter_id.in_(people), over))
    return len(people) == AT_ONCE


def _remove_counts(now: datetime) -> bool:
    """Remove what was counted in windows that are over; the last condition spares those that begin just now."""
    over = RateLimit.expires_at < now
    buckets = db.session.scalars(sa.select(RateLimit.bucket).where(over).limit(AT_ONCE)).all()
    rows_changed(sa.delete(RateLimit).where(RateLimit.bucket.in_(buckets), over))
    return len(buckets) == AT_ONCE


def _is_one_too_many() -> sa.ColumnElement[bool]:
    """That a person has enough newer events of the same kind."""
    place = sa.func.row_number().over(partition_by=(Event.user_id, Event.kind), order_by=Event.id.desc())
    places = sa.select(Event.id, place.label('place')).where(Event.user_id.is_not(None)).subquery()
    return Event.id.in_(sa.select(places.c.id).where(places.c.place > EVENTS_OF_A_KIND))


def _remove(model, old: sa.ColumnElement[bool], key=None, **limits: datetime) -> bool:
    """Remove old rows; True when there may be more."""
    key = model.id if key is None else key
    keys = db.session.scalars(sa.select(key).where(old).limit(AT_ONCE), limits).all()
    rows_changed(sa.delete(model).where(key.in_(keys)))
    return len(keys) == AT_ONCE
