"""What happened to accounts, so that their owners can look for what was not them."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey, UTCDateTime, utcnow


class Event(Base):
    """Something that concerns an account; without a person, a failed log-in under a name that nobody has.

    That row is written so that the failure costs the same for every name; nobody ever sees it. What was typed is kept
    nowhere: people type passwords there.
    """

    __tablename__ = 'event'
    __table_args__ = (sa.Index('ix_event_user_id_id', 'user_id', 'id'),)

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True)
    user_id: so.Mapped[int | None] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'))
    kind: so.Mapped[str] = so.mapped_column(sa.String(32))
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow, index=True)
    address: so.Mapped[str] = so.mapped_column(sa.String(45), default='')
    browser: so.Mapped[str] = so.mapped_column(sa.String(255), default='')  # what it says it is
    request_id: so.Mapped[str] = so.mapped_column(sa.String(14), default='')
    reason: so.Mapped[str] = so.mapped_column(sa.String(300), default='', server_default='')  # for the owner to read
