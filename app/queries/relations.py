"""What two people are to each other, and lists of whom somebody has blocked or muted, or is asked by."""
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from app.extensions import db
from app.models import (
    Block,
    FollowRequest,
    MessageSetting,
    Mute,
    Post,
    PrivateAccount,
    ThreadMute,
    User,
    Visibility,
    followers,
)
from app.policies.visibility import is_present, is_shown
from app.queries import crowds
from app.queries.people import ASKED, FOLLOWING
from app.queries.statements import number, reader_of

MOST_COUNTED = 100
OTHER = sa.bindparam('other', type_=sa.BigInteger)
VIEWER = sa.bindparam('viewer', type_=sa.BigInteger)


class Relation(NamedTuple):
    """What the viewer has to do with somebody."""

    follows: bool = False  # the viewer follows them
    follows_you: bool = False
    has_asked: bool = False  # the viewer asks to follow them
    has_blocked: bool = False
    has_muted: bool = False
    is_private: bool = False  # whoever would follow them has to ask
    takes_no_messages: bool = False

    @property
    def is_let_in(self) -> bool:
        """Whether the viewer sees what only followers of a private account see; their own is never private to them."""
        return self.follows or not self.is_private

    @property
    def state(self) -> str:
        """FOLLOWING, ASKED or nothing, as lists have it."""
        return FOLLOWING if self.follows else ASKED if self.has_asked else ''


def of(viewer: User | None, user: User) -> Relation:
    """What the viewer has to do with somebody, in one statement."""
    if viewer is None:
        return Relation(is_private=is_private(user))
    if viewer.id == user.id:
        return Relation()
    row = db.session.execute(_relation(), {'viewer': viewer.id, 'other': user.id}).one()
    return Relation(*map(bool, row))


def blocked(viewer: User, before: str | None, after: str | None, count: int):
    """Whom the viewer has blocked: (people, newer, older), the last two as cursors or None."""
    block = Block.__table__.c
    rows = crowds.Rows(block.blocker_id, block.blocked_id, block.created_at, is_present(viewer))
    return crowds.page(viewer, rows, viewer.id, before, after, count)


def muted(viewer: User, before: str | None, after: str | None, count: int):
    """Whom the viewer has muted, as in `blocked`."""
    mute = Mute.__table__.c
    rows = crowds.Rows(mute.muter_id, mute.muted_id, mute.created_at, sa.and_(is_shown(viewer), Mute.is_on()))
    return crowds.page(viewer, rows, viewer.id, before, after, count)


def mutes_of(viewer: User, people: list[User]) -> dict[int, Mute]:
    """How the viewer has muted these people, by their ids."""
    rows = sa.select(Mute).where(Mute.muter_id == viewer.id, Mute.muted_id.in_([person.id for person in people]))
    return {row.muted_id: row for row in db.session.scalars(rows)} if people else {}


def requests(viewer: User, before: str | None, after: str | None, count: int):
    """Who asks to follow the viewer, as in `blocked`."""
    request = FollowRequest.__table__.c
    rows = crowds.Rows(request.asked_id, request.asker_id, request.created_at)
    return crowds.page(viewer, rows, viewer.id, before, after, count)


def number_of_requests(viewer: User) -> int:
    """How many people ask to follow the viewer; counted up to MOST_COUNTED."""
    return db.session.scalar(_requests(), {'viewer': viewer.id}) or 0


def has_muted_thread(viewer: User | None, post: Post) -> bool:
    """True when the viewer wants to hear nothing more of the conversation that a post belongs to."""
    if viewer is None:
        return False
    return db.session.scalar(_thread_mute(), {'viewer': viewer.id, 'other': post.root_id or post.id}) is not None


def is_private(user: User) -> bool:
    """True when whoever would follow this person has to ask; it holds until the commit, when they are locked."""
    return db.session.scalar(_private(), {'person': user.id}) is not None


def widest(author: User) -> Visibility:
    """How far a post of somebody may reach at most; as long as `is_private` holds."""
    return Visibility.FOLLOWERS if is_private(author) else Visibility.PUBLIC


def widest_offered(viewer: User) -> Visibility:
    """`widest` as it was when the page was asked for, for a form: no question more, and the act asks again."""
    return Visibility.FOLLOWERS if viewer.was_private else Visibility.PUBLIC


@cache
def _thread_mute() -> sa.Select:
    return sa.select(ThreadMute.root_id).where(ThreadMute.user_id == VIEWER, ThreadMute.root_id == OTHER)


@cache
def _requests() -> sa.Select:
    newest = sa.select(FollowRequest.asker_id).where(FollowRequest.asked_id == VIEWER).order_by(
        FollowRequest.created_at.desc(), FollowRequest.asker_id.desc())
    some = newest.limit(number(MOST_COUNTED)).subquery()
    shown = sa.select(sa.func.count()).select_from(some).join(User, User.id == some.c.asker_id)
    return shown.where(is_shown(reader_of(False)))


@cache
def _private() -> sa.Select:
    person = sa.bindparam('person', type_=sa.BigInteger)
    return sa.select(PrivateAccount.user_id).where(PrivateAccount.user_id == person)


@cache
def _relation() -> sa.Select:
    follows = sa.exists().where(followers.c.follower_id == VIEWER, followers.c.followed_id == OTHER)
    follows_you = sa.exists().where(followers.c.follower_id == OTHER, followers.c.followed_id == VIEWER)
    has_asked = sa.exists().where(FollowRequest.asker_id == VIEWER, FollowRequest.asked_id == OTHER)
    has_blocked = sa.exists().where(Block.blocker_id == VIEWER, Block.blocked_id == OTHER)
    has_muted = sa.exists().where(Mute.muter_id == VIEWER, Mute.muted_id == OTHER, Mute.is_on())
    is_private = sa.exists().where(PrivateAccount.user_id == OTHER)
    takes_none = sa.exists().where(MessageSetting.user_id == OTHER, MessageSetting.accepts == MessageSetting.NOBODY)
    return sa.select(follows, follows_you, has_asked, has_blocked, has_muted, is_private, takes_none)
