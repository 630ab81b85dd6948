"""Private messages, and what each of two people has of a conversation."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey, UTCDateTime, utcnow
from app.models.user import User


class Message(Base):
    """What one person wrote to another. Whoever has a `KeptMessage` of it reads it; without any it is removed.

    Both people are locked while it is added, so within a conversation the order by id is the order of arrival. SQLite
    must give no id twice: a form's key leads to the message that it made.
    """

    __tablename__ = 'message'
    __table_args__ = (sa.Index('ix_message_sender_id_recipient_id', 'sender_id', 'recipient_id'),
                      {'info': {'autoincrement': True}})

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True)
    sender_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'))
    recipient_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), index=True)
    body: so.Mapped[str] = so.mapped_column(sa.Text)
    language: so.Mapped[str] = so.mapped_column(sa.String(16), default='')
    timestamp: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)

    author: so.Mapped[User] = so.relationship(foreign_keys=sender_id, viewonly=True)
    recipient: so.Mapped[User] = so.relationship(foreign_keys=recipient_id, viewonly=True)

    def __repr__(self) -> str:
        return f'<Message {self.id}>'  # never its words: this may come into a log


class KeptMessage(Base):
    """That somebody has a message of their conversation with another. To delete it for oneself is to remove this row.

    A page of a conversation is a range of this key, however much was deleted around it.
    """

    __tablename__ = 'kept_message'

    owner_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True, autoincrement=False)
    other_id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, autoincrement=False)
    message_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('message.id', ondelete='CASCADE'), primary_key=True, autoincrement=False, index=True)


class Conversation(Base):
    """One person's side of a conversation; the other person has a row of their own.

    `newest_id` is the newest message that the owner has, NULL when none is left; the row then only remembers that the
    other one may write (or was declined). `unread` counts what came after `read_id`, in a request once at most.
    """

    OPEN, REQUEST, DECLINED = 'open', 'request', 'declined'

    __tablename__ = 'conversation'
    __table_args__ = (sa.Index('ix_conversation_owner_id_state_newest_id', 'owner_id', 'state', 'newest_id'),)

    owner_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True, autoincrement=False)
    other_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True, autoincrement=False, index=True)
    state: so.Mapped[str] = so.mapped_column(sa.String(8), default=OPEN)
    newest_id: so.Mapped[int | None] = so.mapped_column(BigKey)
    read_id: so.Mapped[int] = so.mapped_column(BigKey, default=0)
    unread: so.Mapped[int] = so.mapped_column(default=0)


class MessageSetting(Base):
    """Who may write to somebody, once they have chosen."""

    EVERYONE, FOLLOWING, NOBODY = 'everyone', 'following', 'nobody'

    __tablename__ = 'message_setting'

    user_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True, autoincrement=False)
    accepts: so.Mapped[str] = so.mapped_column(sa.String(9), default=FOLLOWING)
