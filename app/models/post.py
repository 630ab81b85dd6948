"""Posts, what is left of deleted ones, and the forms that made them."""
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import cache
from typing import ClassVar

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models.base import Base
from app.models.ids import aware, id_at, new_id
from app.models.types import BigKey, UTCDateTime, utcnow
from app.models.user import User


class Post(Base):
    """What somebody wrote. Id and timestamp are fixed together, so that order by id is order in time."""

    __tablename__ = 'post'
    __table_args__ = (sa.Index('ix_post_user_id_id', 'user_id', 'id'),)

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, autoincrement=False)
    body: so.Mapped[str] = so.mapped_column(sa.Text)
    timestamp: so.Mapped[datetime] = so.mapped_column(UTCDateTime)
    user_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'))
    language: so.Mapped[str] = so.mapped_column(sa.String(16), default='')

    author: so.Mapped[User] = so.relationship(back_populates='posts')

    def __init__(self, **values):
        """Take the tutorial's body, author and timestamp; ValueError for a timestamp before 1970 or in the future."""
        moment = values.pop('timestamp', None)
        if moment is None:
            values.setdefault('id', new_id())
            values['timestamp'] = utcnow()
        else:
            values.setdefault('id', id_at(moment))
            values['timestamp'] = aware(moment)
        values.setdefault('language', _language_of(values.get('author')))
        super().__init__(**values)

    def __repr__(self) -> str:
        return f'<Post {self.body[:60]!r}>'

    # The tutorial's, from `app/search/tutorial.py`, which stands above and puts them here:
    search: ClassVar[Callable]
    reindex: ClassVar[Callable]


class DeletedPost(Base):
    """That a post existed and whose it was, so that its address can say "gone"."""

    __tablename__ = 'deleted_post'

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, autoincrement=False)
    user_id: so.Mapped[int] = so.mapped_column(BigKey)
    deleted_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)


class Submission(Base):
    """A form that was sent: its one-time key with its text leads to what it made, however often it comes.

    No foreign key: on MariaDB it would lock the author's row weakly before the counter locks it for good, and two
    acts would break each other off. Rows go after a week anyway.
    """

    __tablename__ = 'submission'

    user_id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, autoincrement=False)
    key: so.Mapped[str] = so.mapped_column(sa.String(64), primary_key=True)
    result_id: so.Mapped[int] = so.mapped_column(BigKey)
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow, index=True)


@sa.event.listens_for(Post, 'before_insert')
def _count_post(mapper, connection, post) -> None:
    """Count before the row: its foreign key would lock the author weakly, and two posters would block each other."""
    connection.execute(_counting(), {'author': post.user_id, 'step': +1})


@sa.event.listens_for(Post, 'before_delete')
def _uncount_post(mapper, connection, post) -> None:
    connection.execute(_counting(), {'author': post.user_id, 'step': -1})


def _language_of(author: User | None) -> str:
    """The author's language; looking it up must not flush objects that are just being put together."""
    session = so.object_session(author) if author is not None else None
    with session.no_autoflush if session is not None else nullcontext():
        return (author.language if author is not None else '') or ''


@cache
def _counting() -> sa.Update:
    """Built once: to build it takes as long as to run it."""
    count = sa.update(User).where(User.id == sa.bindparam('author'))
    return count.values(posts_count=User.posts_count + sa.bindparam('step'))
