"""What goes by itself: expired sessions, unconfirmed accounts, finished tasks, old form keys."""
from datetime import datetime, timedelta

import sqlalchemy as sa

from app import email
from app.extensions import db
from app.models import Submission, Task, User, UserSession, rows_changed, utcnow
from app.services import accounts
from app.tasks import DONE, FAILED, enqueue, every

KEPT = timedelta(days=7)
AT_ONCE = 1000


@every(timedelta(hours=1))
def remove_expired() -> None:
    """Remove what has outlived its time, a thousand rows of a kind in one transaction, and then the next."""
    now = utcnow()
    full = [
        _remove(UserSession, sa.not_(UserSession.is_good()), **UserSession.limits(now)),
        _remove(Submission, Submission.created_at < now - KEPT, Submission.key),
        _remove(Task, sa.and_(Task.state.in_([DONE, FAILED]), Task.finished_at < now - KEPT)),
        email.is_configured() and _remove_unconfirmed(now),
    ]
    if any(full):
        enqueue(remove_expired)


def _remove_unconfirmed(now: datetime) -> bool:
    """Delete accounts whose time to confirm is over; the update locks the row, and skips who confirms just now."""
    unused = sa.select(User).where(User.confirm_by < now, User.posts_count == 0)
    users = db.session.scalars(unused.limit(AT_ONCE)).all()
    for user in users:
        late = sa.update(User).where(User.id == user.id, User.confirm_by < now).values(confirm_by=now)
        if rows_changed(late):
            accounts.delete(user)
    return len(users) == AT_ONCE


def _remove(model, old: sa.ColumnElement[bool], key=None, **limits: datetime) -> bool:
    """Remove old rows; True when there may be more."""
    key = model.id if key is None else key
    keys = db.session.scalars(sa.select(key).where(old).limit(AT_ONCE), limits).all()
    rows_changed(sa.delete(model).where(key.in_(keys)))
    return len(keys) == AT_ONCE
