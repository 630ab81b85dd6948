"""What those who run the site say of it."""
import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.types import BigKey

SITE_NAME = 'Microblog'
SITE_NAME_MAX, RULES_MAX, BANNER_MAX = 30, 5000, 300  # characters


class SiteWords(Base):
    """The name of the site, its rules, and a banner over every page: one row at most, whose id is 1."""

    __tablename__ = 'site_words'

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, autoincrement=False)
    name: so.Mapped[str] = so.mapped_column(sa.String(SITE_NAME_MAX), default=SITE_NAME)
    rules: so.Mapped[str] = so.mapped_column(sa.Text, default='')
    banner: so.Mapped[str] = so.mapped_column(sa.String(BANNER_MAX), default='')
