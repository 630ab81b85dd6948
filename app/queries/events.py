"""What happened to somebody's account."""
import sqlalchemy as sa

from app.extensions import db
from app.models import Event, User
from app.policies.notifications import ALARMING
from app.queries.told import Told

SHOWN = 100


def of_user(user: User) -> list[Event]:
    """The last events of a person's own account, the newest first."""
    own = sa.select(Event).where(Event.user_id == user.id).order_by(Event.id.desc()).limit(SHOWN)
    return list(db.session.scalars(own).all())


def before(user: User, told: list[Told]) -> dict[int, Event]:
    """Of what a person was warned, by the notification that did it: there is at most one at a time."""
    warning = next((row for row in told if row.kind == 'security'), None)
    if warning is None:
        return {}
    cause = sa.select(Event).where(Event.user_id == user.id, Event.kind.in_(ALARMING),
                                   Event.created_at <= warning.created_at)
    event = db.session.scalar(cause.order_by(Event.id.desc()).limit(1))
    return {warning.id: event} if event is not None else {}
