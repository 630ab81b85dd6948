"""Tags, and which posts have them."""
import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models.base import Base
from app.models.types import BigKey, key_string


class Tag(Base):
    """A tag that somebody has used; how it is written, the posts say."""

    __tablename__ = 'tag'

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True)
    key: so.Mapped[str] = so.mapped_column(key_string(100), unique=True)


post_tag = sa.Table(
    'post_tag', db.metadata,
    sa.Column('tag_id', BigKey, sa.ForeignKey('tag.id', ondelete='CASCADE'), primary_key=True, autoincrement=False),
    sa.Column('post_id', BigKey, sa.ForeignKey('post.id', ondelete='CASCADE'), primary_key=True, autoincrement=False,
              index=True),
)
