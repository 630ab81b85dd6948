"""Work that runs after the commit."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey, JSONText, UTCDateTime, utcnow


class Task(Base):
    """A piece of work, written in the act's own transaction: waiting, running, done or failed."""

    __tablename__ = 'task'
    __table_args__ = (sa.Index('ix_task_state_run_after', 'state', 'run_after'),)

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True)
    name: so.Mapped[str] = so.mapped_column(sa.String(64))
    arguments: so.Mapped[dict | None] = so.mapped_column(JSONText)
    state: so.Mapped[str] = so.mapped_column(sa.String(8), default='waiting')
    progress: so.Mapped[int] = so.mapped_column(default=0)  # per cent
    attempts: so.Mapped[int] = so.mapped_column(default=0)
    run_after: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)
    heartbeat: so.Mapped[datetime | None] = so.mapped_column(UTCDateTime)
    error: so.Mapped[str] = so.mapped_column(sa.String(500), default='')
    user_id: so.Mapped[int | None] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), index=True)
    key: so.Mapped[str | None] = so.mapped_column(sa.String(120), unique=True)  # at most one task has it
    request_id: so.Mapped[str] = so.mapped_column(sa.String(14), default='', server_default='')  # that wanted it
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)
    finished_at: so.Mapped[datetime | None] = so.mapped_column(UTCDateTime, index=True)
