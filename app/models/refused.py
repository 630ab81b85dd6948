"""Addresses to which nothing can be sent."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.keys import email_key
from app.models.types import UTCDateTime, key_string, utcnow


class RefusedAddress(Base):
    """An address of which a mail server said that there is no such mailbox; nobody is told anything there."""

    __tablename__ = 'refused_address'

    email_key: so.Mapped[str] = so.mapped_column(key_string(255), primary_key=True)
    refused_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow, index=True)

    @staticmethod
    def is_of(address: str) -> sa.ColumnElement[bool]:
        """The condition that the row is about this address."""
        return RefusedAddress.email_key == email_key(address)
