"""Who follows whom: the table, and a person's verbs on it."""
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.database import begin_immediate
from app.extensions import db
from app.models.base import rows_changed
from app.models.types import BigKey, UTCDateTime, utcnow

if TYPE_CHECKING:
    from app.models.user import User

FOLLOWING_LIMIT = 7500


class NoSuchPerson(ValueError):
    """Who follows, or who is to be followed, was deleted a moment ago."""


followers = sa.Table(
    'followers', db.metadata,
    sa.Column('follower_id', BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True),
    sa.Column('followed_id', BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True),
    sa.Column('created_at', UTCDateTime, nullable=False, default=utcnow),
    sa.Index('ix_followers_followed_id_created_at_follower_id', 'followed_id', 'created_at', 'follower_id'),
    sa.Index('ix_followers_follower_id_created_at_followed_id', 'follower_id', 'created_at', 'followed_id'),
)


class Following:
    """A person's side of the followers table, with the tutorial's names."""

    def follow(self: 'User', user: 'User') -> bool:  # type: ignore[misc]
        """Follow somebody, at once and once; nobody follows themselves. True when it is new.

        ValueError beyond FOLLOWING_LIMIT people; NoSuchPerson, which is one, when either was deleted meanwhile.
        """
        db.session.flush()
        if self.id == user.id:
            return False
        if lock_people(self.id, user.id) < 2:
            raise NoSuchPerson('this person does not exist any more')
        if self.is_following(user):
            return False
        if self.following_count() >= FOLLOWING_LIMIT:
            raise ValueError(f'one can follow at most {FOLLOWING_LIMIT} people')
        db.session.execute(followers.insert().values(follower_id=self.id, followed_id=user.id))
        _count(self, user, +1)
        return True

    def unfollow(self: 'User', user: 'User') -> bool:  # type: ignore[misc]
        """Stop following somebody; True when it changed something."""
        db.session.flush()
        lock_people(self.id, user.id)
        if not rows_changed(sa.delete(followers).where(*_pair(self, user))):
            return False
        _count(self, user, -1)
        return True

    def is_following(self: 'User', user: 'User') -> bool:  # type: ignore[misc]
        """True when this person follows the other."""
        db.session.flush()
        return db.session.scalar(sa.select(followers.c.follower_id).where(*_pair(self, user))) is not None

    def followers_count(self: 'User') -> int:  # type: ignore[misc]
        """How many people follow this person."""
        db.session.flush()
        return db.session.scalar(sa.select(type(self).followers_number).where(type(self).id == self.id)) or 0

    def following_count(self: 'User') -> int:  # type: ignore[misc]
        """How many people this person follows."""
        db.session.flush()
        return db.session.scalar(sa.select(type(self).following_number).where(type(self).id == self.id)) or 0

    def following_posts(self: 'User') -> sa.Select:  # type: ignore[misc]
        """The posts of this person and of those they follow, newest first, as a select for a shell or a script.

        Pages read `queries.timelines.home`, which costs the same whatever the sizes.
        """
        from app.models.post import Post
        return sa.select(Post).where(self._in_following_posts()).order_by(Post.id.desc())

    def followed_posts(self: 'User') -> so.Query:  # type: ignore[misc]
        """The same as `following_posts()` under the name and as the kind of query of the older tutorial."""
        from app.models.post import Post
        return Post.query.filter(self._in_following_posts()).order_by(Post.id.desc())

    def _in_following_posts(self: 'User') -> sa.ColumnElement[bool]:  # type: ignore[misc]
        from app.models.post import Post
        followed = sa.select(followers.c.followed_id).where(followers.c.follower_id == self.id)
        return sa.or_(Post.user_id == self.id, Post.user_id.in_(followed))


def _pair(follower, followed) -> tuple:
    return followers.c.follower_id == follower.id, followers.c.followed_id == followed.id


def lock_people(*ids: int) -> int:
    """Lock people in one order, before a foreign key takes a weaker lock that two writers could not both raise.

    How many of them there are.
    """
    connection = db.session.connection()
    if connection.dialect.name == 'sqlite':  # it has one lock for all rows
        begin_immediate(connection)
    return len(db.session.execute(_locking(), {'ids': ids}).all())


@cache
def _locking() -> sa.Select:
    """Built once: nearly every act locks somebody."""
    from app.models.user import User
    these = User.id.in_(sa.bindparam('ids', expanding=True))
    return sa.select(User.id).where(these).order_by(User.id).with_for_update()


def _count(follower, followed, step: int) -> None:
    """Move both counters in SQL; the lower id first, so that two acts never wait for each other in a ring."""
    from app.models.user import User
    changes = [(follower.id, User.following_number), (followed.id, User.followers_number)]
    for id, column in sorted(changes, key=lambda change: change[0]):
        rows_changed(sa.update(User).where(User.id == id).values({column: column + step}))
    db.session.expire(follower, ['following_number'])
    db.session.expire(followed, ['followers_number'])
