"""The counters of people, compared with the rows that they count, and set right."""
from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from app.extensions import db
from app.models import Conversation, KeptMessage, Notification, Post, User, followers, lock_people, rows_changed
from app.policies.messages import is_unread
from app.policies.notifications import counts

AT_ONCE = 500  # people; those that a rebuild locks wait for a moment
# Each counter: whose row it is, and which rows count.
COUNTED: dict = {
    User.posts_count: (Post.user_id, sa.true()),
    User.followers_number: (followers.c.followed_id, sa.true()),
    User.following_number: (followers.c.follower_id, sa.true()),
    User.unread_notifications: (Notification.user_id, counts()),
    User.unread_messages: (KeptMessage.owner_id, is_unread()),
}
UNREAD = 'conversation.unread'


class Difference(NamedTuple):
    """A counter that is wrong."""

    user_id: int
    username: str
    counter: str
    stored: int
    counted: int


def check() -> Iterator[list[Difference]]:
    """What is wrong, for some people at a time; others may post and follow meanwhile."""
    for ids in _everybody():
        yield _differences(ids)


def rebuild() -> Iterator[list[Difference]]:
    """Set right what is wrong, for some people at a time; commit after each step, which gives their locks back."""
    for ids in _everybody():
        lock_people(*ids)
        wrong = _differences(ids)
        rows_changed(sa.update(Conversation).where(Conversation.owner_id.in_(ids)).values(unread=_unread()))
        for found in wrong:
            if found.counter != UNREAD:
                rows_changed(sa.update(User).where(User.id == found.user_id).values({found.counter: found.counted}))
        yield wrong


def _everybody() -> Iterator[list[int]]:
    last = 0
    while ids := db.session.scalars(sa.select(User.id).where(User.id > last).order_by(User.id).limit(AT_ONCE)).all():
        yield list(ids)
        last = ids[-1]


def _differences(ids: list[int]) -> list[Difference]:
    """Compared by one statement each, since that sees counter and rows at the same moment."""
    statements = [_compared(stored, owner, which, ids) for stored, (owner, which) in COUNTED.items()]
    return [Difference(*row) for statement in [*statements, _compared_conversations(ids)]
            for row in db.session.execute(statement)]


def _compared(stored: sa.orm.InstrumentedAttribute, owner: sa.SQLColumnExpression, which: sa.ColumnElement[bool],
              ids: list[int]) -> sa.Select:
    rows: sa.Select = sa.select(owner.label('id'), sa.func.count().label('number')).where(owner.in_(ids), which)
    counts = rows.group_by(owner).subquery()
    counted = sa.func.coalesce(counts.c.number, 0)
    people = sa.select(User.id, User.username, sa.literal(stored.key), stored, counted)
    return people.outerjoin(counts, counts.c.id == User.id).where(User.id.in_(ids), stored != counted)


def _compared_conversations(ids: list[int]) -> sa.Select:
    rows = sa.select(User.id, User.username, sa.literal(UNREAD), Conversation.unread, _unread())
    return rows.join(Conversation, Conversation.owner_id == User.id).where(
        User.id.in_(ids), Conversation.unread != _unread())


def _unread() -> sa.ScalarSelect:
    """What is unread of the conversation at hand."""
    return sa.select(sa.func.count(KeptMessage.message_id)).where(is_unread()).correlate(Conversation).scalar_subquery()
