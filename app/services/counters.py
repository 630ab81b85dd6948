"""The counters of people, compared with the rows that they count, and set right."""
from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from app.extensions import db
from app.models import Post, User, followers, lock_people, rows_changed

AT_ONCE = 500  # people; those that a rebuild locks wait for a moment
COUNTED = {User.posts_count: Post.user_id, User.followers_number: followers.c.followed_id,
           User.following_number: followers.c.follower_id}


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
        for found in wrong:
            rows_changed(sa.update(User).where(User.id == found.user_id).values({found.counter: found.counted}))
        yield wrong


def _everybody() -> Iterator[list[int]]:
    last = 0
    while ids := db.session.scalars(sa.select(User.id).where(User.id > last).order_by(User.id).limit(AT_ONCE)).all():
        yield list(ids)
        last = ids[-1]


def _differences(ids: list[int]) -> list[Difference]:
    """Compared by one statement each, since that sees counter and rows at the same moment."""
    return [Difference(*row) for stored, owner in COUNTED.items()
            for row in db.session.execute(_compared(stored, owner, ids))]


def _compared(stored: sa.orm.InstrumentedAttribute, owner: sa.SQLColumnExpression, ids: list[int]) -> sa.Select:
    rows: sa.Select = sa.select(owner.label('id'), sa.func.count().label('number')).where(owner.in_(ids))
    counts = rows.group_by(owner).subquery()
    counted = sa.func.coalesce(counts.c.number, 0)
    people = sa.select(User.id, User.username, sa.literal(stored.key), stored, counted)
    return people.outerjoin(counts, counts.c.id == User.id).where(User.id.in_(ids), stored != counted)
