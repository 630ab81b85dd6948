"""Who is named in a post."""
import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey


class Mention(Base):
    """That a post names somebody, who may therefore read it.

    The author is repeated here, so that a profile finds what its person wrote to the reader by one seek.
    """

    __tablename__ = 'mention'
    __table_args__ = (sa.Index('ix_mention_user_id_author_id_post_id', 'user_id', 'author_id', 'post_id'),)

    post_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('post.id', ondelete='CASCADE'), primary_key=True, autoincrement=False)
    user_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True, autoincrement=False)
    author_id: so.Mapped[int] = so.mapped_column(BigKey)
