"""What belongs to a person but is not needed on every page: pictures and names besides the own."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey, UTCDateTime, key_string, utcnow
from app.models.user import User


class Avatar(Base):
    """A person's picture, re-encoded by the server, at most 20 kB."""

    __tablename__ = 'avatar'

    user_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True)
    picture: so.Mapped[bytes] = so.mapped_column(sa.LargeBinary)
    media_type: so.Mapped[str] = so.mapped_column(sa.String(32))
    updated_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)


class FormerUsername(Base):
    """A name that somebody had: links with it still lead to them, and nobody else may take it for a while."""

    __tablename__ = 'former_username'

    username_key: so.Mapped[str] = so.mapped_column(key_string(30), primary_key=True)
    user_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), index=True)
    reserved_until: so.Mapped[datetime] = so.mapped_column(UTCDateTime)

    user: so.Mapped[User] = so.relationship()


class HeldUsername(Base):
    """A name that somebody asked for on a site with mail, until the account would have to be confirmed.

    It is held whether or not an account was made: with an address that has one already none is, and a name that is
    free a moment later would tell so.
    """

    __tablename__ = 'held_username'

    username_key: so.Mapped[str] = so.mapped_column(key_string(30), primary_key=True)
    held_until: so.Mapped[datetime] = so.mapped_column(UTCDateTime, index=True)
