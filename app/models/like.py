"""Who likes which post."""
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey, UTCDateTime, utcnow


class Like(Base):
    """That somebody likes a post, and since when; how many do stands at the post."""

    __tablename__ = 'post_like'
    __table_args__ = (sa.Index('ix_post_like_post_id_created_at_user_id', 'post_id', 'created_at', 'user_id'),
                      sa.Index('ix_post_like_user_id_created_at_post_id', 'user_id', 'created_at', 'post_id'))

    user_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True, autoincrement=False)
    post_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('post.id', ondelete='CASCADE'), primary_key=True, autoincrement=False)
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)
