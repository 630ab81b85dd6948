"""What somebody has of their conversations. Everything here begins at rows that are the viewer's own."""
from functools import cache, partial
from typing import Any, NamedTuple

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.exceptions import NotFound
from app.extensions import db
from app.models import Conversation, KeptMessage, Message, MessageSetting, User, followers
from app.policies.relations import are_together
from app.policies.visibility import is_shown
from app.queries.pages import Found, Walk, Way
from app.queries.people import named
from app.queries.statements import AUTHOR, CURSOR, VIEWER, number

MOST_COUNTED = 100
STATE = sa.bindparam('state', type_=sa.String)


class Standing(NamedTuple):
    """What two people are to each other, as far as it decides who may write."""

    accepts: str  # whom the other one takes messages from
    is_followed: bool  # the other one follows the viewer
    arrives: str | None  # state of the other's side; nothing of it may be shown to the viewer
    own_accepts: str
    own_state: str | None
    read_id: int
    unread: int


class Talk(NamedTuple):
    """A page of a conversation, the oldest message first, with the cursors of its neighbours."""

    messages: list[Message]
    newer: int | None
    older: int | None


class Line(NamedTuple):
    """A conversation in a list: its newest message is its place."""

    id: int
    unread: int
    other: User
    message: Message


class Lines(NamedTuple):
    """A page of a list of conversations, the newest first."""

    lines: list[Line]
    newer: int | None = None
    older: int | None = None


def person(viewer: User, username: str) -> User:
    """Whom the viewer may know of, or has messages of although they are suspended; NotFound otherwise."""
    user = named(viewer, username, _is_partner)
    if user is None:
        raise NotFound('user')
    return user


def accepts(user: User) -> str:
    """Whom somebody takes messages from."""
    return db.session.scalar(_accepts(), {'user': user.id}) or MessageSetting.FOLLOWING


def standing(viewer: User, other: User) -> Standing:
    """How the two stand to each other now."""
    row = db.session.execute(_standing(), {'viewer': viewer.id, 'other': other.id}).one_or_none()
    if row is None:
        raise NotFound('user')
    return Standing(*row)


def talk(viewer: User, other: User, before: int | None, after: int | None, count: int) -> Talk:
    """What the viewer has of a conversation."""
    find = partial(_find_messages, viewer, other)
    page = Walk(find, lambda way, cursor: bool(find(way, cursor, 1).posts)).page(before, after, count)
    return Talk(page.posts[::-1], page.newer, page.older)  # type: ignore[arg-type]


def conversations(viewer: User, state: str, before: int | None, after: int | None, count: int) -> Lines:
    """The viewer's conversations, or the requests of others."""
    find = partial(_find_lines, viewer, state)
    page = Walk(find, lambda way, cursor: bool(find(way, cursor, 1).posts)).page(before, after, count)
    return Lines(page.posts, page.newer, page.older)  # type: ignore[arg-type]


def number_of_requests(viewer: User) -> int:
    """How many requests wait for an answer; counted up to MOST_COUNTED."""
    own = sa.select(Conversation.other_id).where(
        Conversation.owner_id == viewer.id, Conversation.state == Conversation.REQUEST,
        Conversation.newest_id.is_not(None), are_together(viewer.id, Conversation.other_id))
    some = own.limit(number(MOST_COUNTED)).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def one(viewer: User, id: int) -> tuple[Message, User]:
    """A message that the viewer has, and whom it connects them with; NotFound otherwise."""
    other = sa.case((Message.sender_id == viewer.id, Message.recipient_id), else_=Message.sender_id)
    is_kept = sa.exists().where(KeptMessage.owner_id == viewer.id, KeptMessage.other_id == User.id,
                                KeptMessage.message_id == Message.id)
    own = sa.select(Message, User).join(User, User.id == other).where(
        Message.id == id, is_kept, are_together(viewer.id, User.id))
    row = db.session.execute(own).one_or_none()
    if row is None:
        raise NotFound('message')
    return row[0], row[1]


def unread(side: Conversation, read_id: int) -> int:
    """How many messages of a side are unread once it was looked at up to `read_id`: as `is_unread` has it."""
    if side.state != Conversation.OPEN:
        return int(side.state == Conversation.REQUEST and read_id == 0 and side.newest_id is not None)
    rows = sa.select(sa.func.count()).select_from(KeptMessage).join(Message, Message.id == KeptMessage.message_id)
    return db.session.scalar(rows.where(
        KeptMessage.owner_id == side.owner_id, KeptMessage.other_id == side.other_id,
        KeptMessage.message_id > read_id, Message.sender_id == side.other_id)) or 0


def _is_partner(viewer: Any) -> sa.ColumnElement[bool]:
    has_some = sa.exists().where(Conversation.owner_id == viewer.id, Conversation.other_id == User.id,
                                 Conversation.newest_id.is_not(None))
    return sa.and_(sa.or_(is_shown(viewer), has_some), are_together(viewer.id, User.id))


@cache
def _accepts() -> sa.Select:
    return sa.select(MessageSetting.accepts).where(MessageSetting.user_id == sa.bindparam('user', type_=sa.BigInteger))


@cache
def _standing() -> sa.Select:
    """One row for the person called :other, with what the viewer has to do with them."""
    other = sa.bindparam('other', type_=sa.BigInteger)
    own, theirs = so.aliased(Conversation), so.aliased(Conversation)
    own_accepts = sa.select(MessageSetting.accepts).where(MessageSetting.user_id == VIEWER).scalar_subquery()
    accepts = so.aliased(MessageSetting)
    follows = sa.exists().where(followers.c.follower_id == other, followers.c.followed_id == VIEWER)
    unset = MessageSetting.FOLLOWING
    return sa.select(
        sa.func.coalesce(accepts.accepts, unset), follows, theirs.state, sa.func.coalesce(own_accepts, unset),
        own.state, sa.func.coalesce(own.read_id, 0), sa.func.coalesce(own.unread, 0)).select_from(User).outerjoin(
        accepts, accepts.user_id == User.id).outerjoin(
        theirs, sa.and_(theirs.owner_id == User.id, theirs.other_id == VIEWER)).outerjoin(
        own, sa.and_(own.owner_id == VIEWER, own.other_id == User.id)).where(
        User.id == other, are_together(VIEWER, User.id))


def _find_messages(viewer: User, other: User, way: Way, cursor: int, limit: int) -> Found:
    values = {'viewer': viewer.id, 'author': other.id, 'cursor': cursor}
    return Found(list(db.session.scalars(_messages(way, limit), values)))


def _find_lines(viewer: User, state: str, way: Way, cursor: int, limit: int) -> Found:
    statement = _lines(db.session.get_bind().dialect.name, way, limit)
    rows = db.session.execute(statement, {'viewer': viewer.id, 'state': state, 'cursor': cursor})
    return Found([Line(*row) for row in rows])  # type: ignore[misc]


@cache
def _messages(way: Way, limit: int) -> sa.Select:
    """The nearest messages that :viewer has of the conversation with :author: a range of the key, then few rows."""
    kept = KeptMessage.message_id
    ids = sa.select(kept).where(KeptMessage.owner_id == VIEWER, KeptMessage.other_id == AUTHOR,
                                way.beyond(kept, CURSOR)).order_by(way.order(kept)).limit(number(limit))
    few = ids.subquery('few')
    found = sa.select(Message).select_from(sa.join(few, Message, Message.id == few.c.message_id))
    return found.prefix_with('STRAIGHT_JOIN', dialect='mysql').order_by(way.order(Message.id))


@cache
def _lines(dialect: str, way: Way, limit: int) -> sa.Select:
    """The nearest conversations of :viewer in a :state, each with its other person and its newest message.

    The index alone says which they are: for more of their rows MariaDB would begin at the newest of all.
    """
    newest = Conversation.newest_id
    own = sa.select(newest, Conversation.other_id).where(
        Conversation.owner_id == VIEWER, Conversation.state == STATE, way.beyond(newest, CURSOR))
    are_shown = are_together(VIEWER, Conversation.other_id)
    if dialect == 'postgresql':  # it believes that a condition leaves next to nothing, and would sort all of them
        shown = sa.select(sa.literal(1).label('one')).where(are_shown).limit(number(1))
        own = own.join(shown.correlate(Conversation).lateral('shown'), sa.true())
    else:
        own = own.where(are_shown)
    few = own.order_by(way.order(newest)).limit(number(limit)).subquery('few')
    side = so.aliased(Conversation)
    rows = sa.join(few, side, sa.and_(side.owner_id == VIEWER, side.other_id == few.c.other_id)).join(
        User, User.id == few.c.other_id).join(Message, Message.id == few.c.newest_id)
    found = sa.select(few.c.newest_id, side.unread, User, Message).select_from(rows).options(
        so.load_only(User.username, User.name, User.avatar_version))
    return found.prefix_with('STRAIGHT_JOIN', dialect='mysql').order_by(way.order(few.c.newest_id))
