"""Who is behind a session cookie, and where somebody is logged in."""
import sqlalchemy as sa

from app.extensions import db
from app.models import User, UserSession, utcnow

SHOWN = 50


def of_token(token: str) -> tuple[UserSession, User] | None:
    """The session that this token opens and its person, in one statement; None when it is over."""
    found = sa.select(UserSession, User).join(User, User.id == UserSession.user_id).where(
        UserSession.token_hash == UserSession.hash_of(token), UserSession.is_good(utcnow()),
        User.suspended_at.is_(None))
    row = db.session.execute(found).first()
    return (row[0], row[1]) if row is not None else None


def of_user(user: User) -> list[UserSession]:
    """Where a person is logged in, the last used first."""
    good = sa.select(UserSession).where(UserSession.user_id == user.id, UserSession.is_good(utcnow()))
    return list(db.session.scalars(good.order_by(UserSession.last_used_at.desc()).limit(SHOWN)).all())
