"""What people are told, and what of it they want to hear."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey, UTCDateTime, utcnow
from app.models.user import User

NO_POST = 0


class Notification(Base):
    """Something that concerns somebody: kind, who did it, and in which post. The words live in the template.

    `actor_id` is their own id where nobody else did it, and `post_id` NO_POST where it is about none: no database
    takes two NULLs for the same, and the key decides what is told once. Whoever writes a row holds its person's lock.

    The key begins with the post: those who are told of one lie side by side, not each among all that they were told.
    """

    __tablename__ = 'notification'
    __table_args__ = (
        sa.Index('uq_notification_post_id_user_id_kind_actor_id', 'post_id', 'user_id', 'kind', 'actor_id',
                 unique=True),
        sa.Index('ix_notification_user_id_id', 'user_id', 'id'))

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True)
    user_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'))
    kind: so.Mapped[str] = so.mapped_column(sa.String(16))
    actor_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), index=True)
    post_id: so.Mapped[int] = so.mapped_column(BigKey, default=NO_POST)
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow, index=True)
    is_read: so.Mapped[bool] = so.mapped_column(default=False)
    on_site: so.Mapped[bool] = so.mapped_column(default=True)  # False: only a mail was wanted

    actor: so.Mapped[User] = so.relationship(foreign_keys=[actor_id])


class NotificationChoice(Base):
    """Whether somebody wants to hear of one kind, on the site and by mail; without a row as `policies` has it."""

    __tablename__ = 'notification_choice'

    user_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True)
    kind: so.Mapped[str] = so.mapped_column(sa.String(16), primary_key=True)
    site: so.Mapped[bool] = so.mapped_column()
    mail: so.Mapped[bool] = so.mapped_column()
