"""Everything that is a person's own, packed into one file that is kept for some days."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.ids import new_id
from app.models.types import BigKey, LargeBytes, UTCDateTime, utcnow


class Export(Base):
    """A file that somebody asked for; it is there once it has an end. No id comes twice: the task's key holds it."""

    __tablename__ = 'export'
    __table_args__ = (sa.Index('ix_export_user_id_id', 'user_id', 'id'),)

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, default=new_id)
    user_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'))
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow, index=True)
    finished_at: so.Mapped[datetime | None] = so.mapped_column(UTCDateTime)
    run: so.Mapped[int | None] = so.mapped_column(sa.BigInteger)  # whose parts make the file
    size: so.Mapped[int] = so.mapped_column(sa.BigInteger, default=0)  # bytes


class ExportPart(Base):
    """A piece of the file, so that every host can give it out and none needs a disk for it.

    Each run of the task writes parts of its own: what a killed one left is never mixed with those of the next.
    """

    __tablename__ = 'export_part'

    export_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('export.id', ondelete='CASCADE'), primary_key=True)
    run: so.Mapped[int] = so.mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    number: so.Mapped[int] = so.mapped_column(primary_key=True, autoincrement=False)
    content: so.Mapped[bytes] = so.mapped_column(LargeBytes)
