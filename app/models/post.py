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
from app.models.reach import RepliesFrom, Visibility
from app.models.types import BigKey, UTCDateTime, utcnow
from app.models.user import User


def _index_of_few(name: str, column: str, *others: str, unique: bool = False) -> sa.Index:
    """An index of the posts that have something in a column, which most have not; MariaDB keeps them all."""
    return sa.Index(name, column, *others, unique=unique, info={'where': sa.column(column).is_not(None)})


class Post(Base):
    """What somebody wrote, or whose post they pass on. Order by id is order in time.

    No other post is a foreign key: what it answers and the first post of its thread may be deleted, and the answer
    stays; a repost, which has no text, goes with its original, and nobody sees one without.
    """

    __tablename__ = 'post'
    __table_args__ = (
        sa.Index('ix_post_user_id_id', 'user_id', 'id'), sa.Index('ix_post_visibility_id', 'visibility', 'id'),
        sa.Index('ix_post_user_id_visibility_id', 'user_id', 'visibility', 'id'),
        _index_of_few('ix_post_parent_id_id', 'parent_id', 'id'), _index_of_few('ix_post_root_id_id', 'root_id', 'id'),
        _index_of_few('uq_post_repost_of_id_user_id', 'repost_of_id', 'user_id', unique=True),
        _index_of_few('ix_post_repost_of_id_timestamp_user_id', 'repost_of_id', 'timestamp', 'user_id'))

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, autoincrement=False)
    body: so.Mapped[str] = so.mapped_column(sa.Text)
    timestamp: so.Mapped[datetime] = so.mapped_column(UTCDateTime)
    user_id: so.Mapped[int] = so.mapped_column(BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'))
    language: so.Mapped[str] = so.mapped_column(sa.String(16), default='')
    visibility: so.Mapped[int] = so.mapped_column(sa.SmallInteger, default=Visibility.PUBLIC, server_default='0')
    replies_from: so.Mapped[int] = so.mapped_column(sa.SmallInteger, default=RepliesFrom.EVERYONE, server_default='0')
    parent_id: so.Mapped[int | None] = so.mapped_column(BigKey)
    parent_author_id: so.Mapped[int | None] = so.mapped_column(BigKey)
    root_id: so.Mapped[int | None] = so.mapped_column(BigKey)
    repost_of_id: so.Mapped[int | None] = so.mapped_column(BigKey)
    # How many there are of those that everybody may read: a number tells nobody what they may not see.
    replies_count: so.Mapped[int] = so.mapped_column(default=0, server_default='0')
    likes_count: so.Mapped[int] = so.mapped_column(default=0, server_default='0')
    reposts_count: so.Mapped[int] = so.mapped_column(default=0, server_default='0')

    author: so.Mapped[User] = so.relationship(back_populates='posts')
    original: so.Mapped['Post | None'] = so.relationship(
        primaryjoin=lambda: so.foreign(Post.repost_of_id) == so.remote(Post.id), viewonly=True)
    parent_author: so.Mapped[User | None] = so.relationship(
        primaryjoin=lambda: so.foreign(Post.parent_author_id) == User.id, viewonly=True)

    # What a page has found out for its reader, see `queries.engagement.note`: whether they have touched it, and the
    # names in it that somebody has, each with the name that this person has now; see `queries.threads`: whether anybody
    # has answered it.
    is_liked = is_reposted = False
    is_answered = True
    people: tuple[tuple[str, str], ...] = ()

    def __init__(self, **values):
        """Take the tutorial's body, author and timestamp; ValueError for a timestamp before 1970 or in the future.

        `parent` is the post that is answered, `repost_of` the one that is passed on.
        """
        values |= _place_of(values.pop('parent', None))
        if (original := values.pop('repost_of', None)) is not None:
            values |= {'repost_of_id': original.id, 'body': ''}
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

    @property
    def is_counted(self) -> bool:
        """True for what people see as one of their posts: everybody may read it, and it is their own."""
        return self.visibility <= Visibility.UNLISTED and self.repost_of_id is None

    # The tutorial's, from `app/search/tutorial.py`, which stands above and puts them here:
    search: ClassVar[Callable]
    reindex: ClassVar[Callable]


class DeletedPost(Base):
    """That a post existed, whose it was and where: its address says "gone", and its answers keep their place."""

    __tablename__ = 'deleted_post'
    __table_args__ = (sa.Index('ix_deleted_post_parent_id_id', 'parent_id', 'id'),)

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True, autoincrement=False)
    user_id: so.Mapped[int] = so.mapped_column(BigKey)
    parent_id: so.Mapped[int | None] = so.mapped_column(BigKey)
    root_id: so.Mapped[int | None] = so.mapped_column(BigKey)
    visibility: so.Mapped[int] = so.mapped_column(sa.SmallInteger, default=Visibility.PUBLIC, server_default='0')
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
    """Count before the row: its foreign key would lock the author weakly, and two posters would block each other.

    People come first, then posts from the oldest on.
    """
    _count(connection, post, +1)


@sa.event.listens_for(Post, 'before_delete')
def _uncount_post(mapper, connection, post) -> None:
    _count(connection, post, -1)
    connection.execute(_passing_on(), {'row': post.id})


def _count(connection: sa.Connection, post: Post, step: int) -> None:
    if (post.visibility or Visibility.PUBLIC) > Visibility.UNLISTED:
        return
    if post.repost_of_id is not None:
        connection.execute(_counting(Post.reposts_count), {'row': post.repost_of_id, 'step': step})
        return
    connection.execute(_counting(User.posts_count), {'row': post.user_id, 'step': step})
    if post.parent_id is not None:
        connection.execute(_counting(Post.replies_count), {'row': post.parent_id, 'step': step})


def _place_of(parent: Post | None) -> dict:
    """Where in a thread an answer to this post stands."""
    if parent is None:
        return {}
    return {'parent_id': parent.id, 'root_id': parent.root_id or parent.id,
            'parent_author_id': parent.user_id or parent.author.id}


def _language_of(author: User | None) -> str:
    """The author's language; looking it up must not flush objects that are just being put together."""
    session = so.object_session(author) if author is not None else None
    with session.no_autoflush if session is not None else nullcontext():
        return (author.language if author is not None else '') or ''


@cache
def _passing_on() -> sa.Delete:
    return sa.delete(Post).where(Post.repost_of_id == sa.bindparam('row'))


@cache
def _counting(counter: so.InstrumentedAttribute[int]) -> sa.Update:
    """Built once: to build it takes as long as to run it."""
    count = sa.update(counter.class_).where(counter.class_.id == sa.bindparam('row'))
    return count.values({counter: counter + sa.bindparam('step')})
