"""Logging in and out: sessions are rows, so that they can be listed and ended."""
import secrets

import sqlalchemy as sa

from app import events
from app.exceptions import NotFound
from app.extensions import db
from app.models import Event, User, UserSession, rows_changed, utcnow
from app.services import notifications, pictures


def start(user: User, remember: bool, user_agent: str, address: str) -> str:
    """Begin a session in a browser; the answer is the token for its cookie."""
    token = secrets.token_urlsafe(32)
    db.session.add(UserSession(token_hash=UserSession.hash_of(token), user_id=user.id, remember=remember,
                               user_agent=user_agent[:255], address=address[:45]))
    events.record('login', user)
    pictures.look_for(user)
    return token


def warn_of_new_browser(user: User) -> None:
    """Tell a person that a browser logs in that never did before; of the account's first log-in there is no need."""
    earlier = sa.select(Event.id).where(Event.user_id == user.id, Event.kind == 'login').limit(1)
    if db.session.scalar(earlier) is not None:
        notifications.tell(user.id, 'security')


def end(user: User, token: str) -> None:
    """Log out of the browser that holds this token, in every copy of its cookie."""
    _end(user, UserSession.token_hash == UserSession.hash_of(token))
    events.record('logout', user)


def end_one(user: User, id: int) -> None:
    """Log out of one of the listed browsers."""
    if not _end(user, UserSession.id == id):
        raise NotFound('session')
    events.record('session_ended', user)


def end_for_others(user: User) -> int:
    """Log out everywhere else because the person wants it; how many sessions ended."""
    count = keep_only_this(user)
    events.record('sessions_ended', user, sessions=count)
    return count


def keep_only_this(user: User) -> int:
    """Log out everywhere but in the browser at hand, which gets a new token, so that copies of its cookie end too."""
    old = user.session_token
    count = end_others(user, old)
    if old is not None:
        user.session_token = secrets.token_urlsafe(32)
        rows_changed(sa.update(UserSession).where(UserSession.token_hash == UserSession.hash_of(old)).values(
            token_hash=UserSession.hash_of(user.session_token)))
    return count


def end_others(user: User, token: str | None) -> int:
    """Log out everywhere but in the browser that holds this token; how many sessions ended."""
    if token is None:
        return end_all(user)
    return _end(user, UserSession.token_hash != UserSession.hash_of(token))


def end_all(user: User) -> int:
    """Log out everywhere; how many sessions ended."""
    return _end(user, sa.true())


def touch(session_id: int, user_id: int) -> None:
    """Note that a session was used and its person seen; bookkeeping for after the answer."""
    now = utcnow()
    rows_changed(sa.update(UserSession).where(UserSession.id == session_id).values(last_used_at=now))
    rows_changed(sa.update(User).where(User.id == user_id).values(last_seen=now))


def _end(user: User, which: sa.ColumnElement[bool]) -> int:
    return rows_changed(sa.delete(UserSession).where(UserSession.user_id == user.id, which))
