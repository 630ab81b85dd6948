"""What people are to each other, as conditions on rows of `user` or on columns that hold ids of people.

Each is a seek of one key for each row, written as a subquery with one value: what has EXISTS in it, a planner may turn
into reading everybody whom somebody has blocked.
"""
from typing import Any

import sqlalchemy as sa

from app.models import Block, Mute, followers


def has_blocked(one: Any, other: Any) -> sa.ColumnElement[bool]:
    """The condition that one person has blocked another; both by their ids."""
    return _block(one, other).is_not(None)


def are_together(one: Any, other: Any) -> sa.ColumnElement[bool]:
    """The condition that neither of two people has blocked the other."""
    return sa.and_(_block(one, other).is_(None), _block(other, one).is_(None))


def follows(one: Any, other: Any) -> sa.ColumnElement[bool]:
    """The condition that one person follows another; both by their ids."""
    row = sa.select(followers.c.followed_id).where(followers.c.follower_id == one, followers.c.followed_id == other)
    return row.correlate_except(followers).scalar_subquery().is_not(None)


def is_heard(viewer: Any, person: Any) -> sa.ColumnElement[bool]:
    """The condition that the viewer has not muted a person, or not any more: what they write comes to the viewer."""
    return _mute(viewer, person).scalar_subquery().is_(None)


def not_muted(viewer: Any, person: Any) -> sa.ColumnElement[bool]:
    """The same for thousands of people at once: those whom the viewer has muted are few, and are found first."""
    return person.not_in(sa.select(Mute.muted_id).where(Mute.muter_id == viewer, Mute.is_on()))


def hears_of(viewer: Any, person: Any) -> sa.ColumnElement[bool]:
    """The condition that the viewer is told what a person does: unless they are muted, and it was to hold for that."""
    return _mute(viewer, person).where(Mute.hides_notifications).scalar_subquery().is_(None)


def _mute(viewer: Any, person: Any) -> sa.Select:
    mute = sa.select(Mute.muted_id).where(Mute.muter_id == viewer, Mute.muted_id == person, Mute.is_on())
    return mute.correlate_except(Mute)


def _block(one: Any, other: Any) -> sa.ScalarSelect:
    block = sa.select(Block.blocked_id).where(Block.blocker_id == one, Block.blocked_id == other)
    return block.correlate_except(Block).scalar_subquery()
