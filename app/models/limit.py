"""How often something was done lately."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import UTCDateTime, key_string


class RateLimit(Base):
    """Hits on one limit by one account or address, in a window that began with the first of them.

    `bucket` names the limit, and whom it is for as a keyed hash: the table tells nobody who was here.
    """

    __tablename__ = 'rate_limit'

    bucket: so.Mapped[str] = so.mapped_column(key_string(120), primary_key=True)
    hits: so.Mapped[int] = so.mapped_column(sa.Integer)
    expires_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, index=True)
