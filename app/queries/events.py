"""What happened to somebody's account."""
import sqlalchemy as sa

from app.extensions import db
from app.models import Event, User

SHOWN = 100


def of_user(user: User) -> list[Event]:
    """The last events of a person's own account, the newest first."""
    own = sa.select(Event).where(Event.user_id == user.id).order_by(Event.id.desc()).limit(SHOWN)
    return list(db.session.scalars(own).all())
