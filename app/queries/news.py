"""What is new for somebody who has a page open: asked every half minute, so nothing new costs one small statement."""
from datetime import datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from app.extensions import db
from app.models import Conversation, Message, Notification, User, UserSession, UTCDateTime, followers
from app.policies.relations import is_heard
from app.queries import home, sessions, windows
from app.queries.pages import NEWER

WINDOW = 4096  # posts of the whole site between two looks; when there are more, all who are followed are looked at


class State(NamedTuple):
    """Who asks, what is unread, and the sign of new posts: the id of one, else minus how many were looked at."""

    user_id: int
    notifications: int | None  # None: nothing was added to it
    messages: int | None
    sign: int = 0

    @property
    def may_have_posts(self) -> bool:
        """True when there are new posts, or more than were looked at."""
        return self.sign > 0 or self.sign <= -WINDOW


def state(token: str) -> State | None:
    """What is unread for whom this token opens a session; None when it is over."""
    return _asked(_state(), sessions.values_of(token))


def state_with_posts(token: str, cursor: int, known: list[int]) -> State | None:
    """The same, and whether anybody followed has written anything beyond the cursor that is not known yet."""
    return _asked(_state_with_posts(), {**sessions.values_of(token), 'cursor': cursor, 'known': known})


def state_since(token: str, since: datetime) -> State | None:
    """The same, with only those numbers to which something was added after this moment."""
    return _asked(_state_since(), {**sessions.values_of(token), 'since': since})


def posts(user: User, cursor: int, known: list[int], most: int) -> list[int]:
    """The ids of the first posts on somebody's home beyond the cursor that are not known yet, at most so many.

    They are read as a page of home is, by the same statements; further pages only when the first shows known ones.
    """
    reader, ids = home.Reader(user), list[int]()
    while True:
        found = home.find(reader, NEWER, cursor, most)
        ids += [post.id for post in found.posts if post.id not in known]
        if len(ids) >= most or (len(found.posts) < most and found.stopped_at is None):
            return ids[:most]
        cursor = found.stopped_at or found.posts[-1].id


def _asked(statement: sa.Select, values: dict) -> State | None:
    """By a connection alone: a session would take a third of the whole answer."""
    with db.engine.connect() as connection:
        row = connection.execute(statement, values).first()
    return State(*row) if row is not None else None


@cache
def _state() -> sa.Select:
    return sessions.opened(_columns())


@cache
def _state_with_posts() -> sa.Select:
    return sessions.opened(_columns().add_columns(_sign()))


@cache
def _state_since() -> sa.Select:
    since = sa.bindparam('since', type_=UTCDateTime)
    was_told = sa.exists().where(Notification.user_id == User.id, Notification.on_site, Notification.created_at > since)
    newest = sa.select(sa.func.max(Conversation.newest_id)).where(Conversation.owner_id == User.id)
    has_mail = sa.exists().where(Message.id == newest.scalar_subquery(), Message.timestamp > since)
    return sessions.opened(sa.select(
        User.id, sa.case((was_told, User.unread_notifications)), sa.case((has_mail, User.unread_messages))
    ).select_from(UserSession))


def _columns() -> sa.Select:
    return sa.select(User.id, User.unread_notifications, User.unread_messages).select_from(UserSession)


def _sign() -> sa.ScalarSelect:
    """See `State`. Only posts beyond the cursor are read, which are few however many there are in all."""
    window = windows.ids(NEWER, WINDOW).subquery('looked_at')
    follows = sa.exists().where(followers.c.follower_id == User.id, followers.c.followed_id == window.c.user_id)
    comes = sa.and_(follows.correlate(User, window), is_heard(User.id, window.c.user_id))
    is_news = sa.and_(sa.or_(window.c.user_id == User.id, comes),
                      window.c.id.not_in(sa.bindparam('known', expanding=True)))
    newest = sa.func.max(sa.case((is_news, window.c.id)))
    return sa.select(sa.func.coalesce(newest, -sa.func.count())).select_from(window).correlate(User).scalar_subquery()
