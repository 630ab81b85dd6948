"""Whom somebody keeps away from themselves, and who has to ask before they follow."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey, UTCDateTime, utcnow

# Filled in whenever a statement runs, so that one that was built once looks at the clock each time.
NOW: sa.BindParameter[datetime] = sa.bindparam('now', callable_=utcnow, type_=UTCDateTime)


def _person(**options) -> so.MappedColumn:
    return so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), autoincrement=False, **options)


class Block(Base):
    """That somebody wants to have nothing to do with somebody; it holds both ways. Written with both locked."""

    __tablename__ = 'block'
    __table_args__ = (sa.Index('ix_block_blocker_id_created_at_blocked_id', 'blocker_id', 'created_at', 'blocked_id'),)

    blocker_id: so.Mapped[int] = _person(primary_key=True)
    blocked_id: so.Mapped[int] = _person(primary_key=True, index=True)
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)


class Mute(Base):
    """That somebody does not want to hear of somebody, who does not learn it; until NULL is for ever."""

    __tablename__ = 'mute'
    __table_args__ = (sa.Index('ix_mute_muter_id_created_at_muted_id', 'muter_id', 'created_at', 'muted_id'),)

    muter_id: so.Mapped[int] = _person(primary_key=True)
    muted_id: so.Mapped[int] = _person(primary_key=True, index=True)
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)
    until: so.Mapped[datetime | None] = so.mapped_column(UTCDateTime, index=True)
    hides_notifications: so.Mapped[bool] = so.mapped_column(default=True)

    @classmethod
    def is_on(cls) -> sa.ColumnElement[bool]:
        """The condition that a mute is not over."""
        return sa.or_(cls.until.is_(None), cls.until > NOW)


class ThreadMute(Base):
    """That somebody wants to hear nothing more of a conversation. No foreign key: its first post may be gone."""

    __tablename__ = 'muted_thread'

    user_id: so.Mapped[int] = _person(primary_key=True)
    root_id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, autoincrement=False)
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)


class PrivateAccount(Base):
    """That somebody wants to be asked by who would follow them."""

    __tablename__ = 'private_account'

    user_id: so.Mapped[int] = _person(primary_key=True)
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)


class FollowRequest(Base):
    """That somebody asks to follow somebody. Written with both locked, and never beside a row of `followers`."""

    __tablename__ = 'follow_request'
    __table_args__ = (sa.Index('ix_follow_request_asked_id_created_at_asker_id', 'asked_id', 'created_at', 'asker_id'),)

    asker_id: so.Mapped[int] = _person(primary_key=True)
    asked_id: so.Mapped[int] = _person(primary_key=True)
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)
