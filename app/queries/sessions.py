"""Who is behind a session cookie, and where somebody is logged in."""
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from app.extensions import db
from app.models import PrivateAccount, User, UserSession, utcnow

SHOWN = 50


@cache
def _of_token() -> sa.Select:
    """Built once: every page of a person who is logged in asks it."""
    is_private = sa.exists().where(PrivateAccount.user_id == User.id)
    return opened(sa.select(UserSession.id, UserSession.last_used_at, User, is_private))


def opened(columns: sa.Select) -> sa.Select:
    """Columns of the session that a token opens and of its person, nothing when it is over; with `values_of`."""
    return columns.join(User, User.id == UserSession.user_id).where(
        UserSession.token_hash == sa.bindparam('token_hash'), UserSession.is_good(), User.suspended_at.is_(None))


def values_of(token: str) -> dict:
    """The parameters of a statement with `opened`."""
    return {'token_hash': UserSession.hash_of(token), **UserSession.limits(utcnow())}


def of_token(token: str) -> tuple[int, datetime, User] | None:
    """Id and last use of the session that this token opens, and its person, in one statement; None when it is over."""
    row = db.session.execute(_of_token(), values_of(token)).first()
    if row is None:
        return None
    id, used, user, user.was_private = row
    return id, used, user


def of_user(user: User, own: str = '') -> list[UserSession]:
    """Where a person is logged in: the session with this hash, then the last used first."""
    good = sa.select(UserSession).where(UserSession.user_id == user.id, UserSession.is_good())
    is_own = sa.case((UserSession.token_hash == own, 0), else_=1)
    found = good.order_by(is_own, UserSession.last_used_at.desc()).limit(SHOWN)
    return list(db.session.scalars(found, UserSession.limits(utcnow())).all())
