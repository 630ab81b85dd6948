"""Where people are logged in: one row for each browser."""
import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey, UTCDateTime, utcnow
from app.models.user import User

UNUSED = timedelta(hours=24)  # without "remember me"
UNUSED_REMEMBERED = timedelta(days=30)
WHOLE_LIFE = timedelta(days=90)


class UserSession(Base):
    """A log-in. The cookie holds a random token, the row only its hash, so a stolen table opens nothing."""

    __tablename__ = 'user_session'
    __table_args__ = (sa.Index('ix_user_session_user_id_last_used_at', 'user_id', 'last_used_at'),)

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True)
    token_hash: so.Mapped[str] = so.mapped_column(sa.String(64), unique=True)
    user_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'))
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)
    last_used_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow, index=True)
    remember: so.Mapped[bool] = so.mapped_column(default=False)
    user_agent: so.Mapped[str] = so.mapped_column(sa.String(255), default='')
    address: so.Mapped[str] = so.mapped_column(sa.String(45), default='')

    user: so.Mapped[User] = so.relationship()

    @staticmethod
    def hash_of(token: str) -> str:
        """What is stored of a token: SHA-256, enough for 256 random bits."""
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def is_good(cls) -> sa.ColumnElement[bool]:
        """That a session is within its time limits, as a condition with the parameters of `limits`."""
        used, used_remembered, begun = (sa.bindparam(name, type_=UTCDateTime) for name in cls.limits(utcnow()))
        return sa.or_(
            sa.and_(cls.remember.is_(False), cls.last_used_at > used),
            sa.and_(cls.remember.is_(True), cls.last_used_at > used_remembered, cls.created_at > begun))

    @staticmethod
    def limits(now: datetime) -> dict[str, datetime]:
        """What a session must not have been unused since, without and with "remember me", nor begun before."""
        return {'used': now - UNUSED, 'used_remembered': now - UNUSED_REMEMBERED, 'begun': now - WHOLE_LIFE}
