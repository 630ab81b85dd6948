"""Everything that is a person's own, however much it is: rows that come as they are read, the newest first."""
from collections.abc import Iterator

import sqlalchemy as sa

from app.extensions import db
from app.models import (
    Avatar,
    Block,
    Event,
    FollowRequest,
    FormerUsername,
    HiddenFromSearch,
    KeptMessage,
    Like,
    Message,
    MessageSetting,
    Mute,
    NotificationChoice,
    Post,
    PrivateAccount,
    ThreadMute,
    User,
    UserSession,
    followers,
)
from app.policies.notifications import KINDS, Ways
from app.policies.visibility import is_shown

AT_ONCE = 500


def posts(user: User) -> Iterator[sa.Row]:
    """All posts."""
    columns = (Post.id, Post.body, Post.timestamp, Post.language, Post.visibility, Post.replies_from, Post.parent_id,
               Post.repost_of_id)
    return _in_batches(sa.select(*columns).where(Post.user_id == user.id), Post.id)


def posts_count(user: User) -> int:
    """How many posts there are, whoever may read them."""
    return _read(sa.select(sa.func.count()).where(Post.user_id == user.id))[0][0]


def likes(user: User) -> Iterator[sa.Row]:
    """Which posts the person likes, and since when; what others wrote is not in the file."""
    own = sa.select(Like.post_id, Like.created_at).where(Like.user_id == user.id)
    return _in_batches(own, Like.created_at, Like.post_id)


def following(user: User) -> Iterator[sa.Row]:
    """Whom the person follows, and since when."""
    return _follows(user, followers.c.follower_id, followers.c.followed_id)


def followers_of(user: User) -> Iterator[sa.Row]:
    """Who follows the person, and since when."""
    return _follows(user, followers.c.followed_id, followers.c.follower_id)


def blocked(user: User) -> Iterator[sa.Row]:
    """Whom the person has blocked, and since when."""
    return _people(user, Block.blocker_id, Block.blocked_id, Block.created_at)


def muted(user: User) -> Iterator[sa.Row]:
    """Whom the person has muted, since when, until when, and whether notifications too."""
    return _people(user, Mute.muter_id, Mute.muted_id, Mute.created_at, Mute.until, Mute.hides_notifications)


def muted_threads(user: User) -> Iterator[sa.Row]:
    """Of which conversations the person wants to hear nothing."""
    own = sa.select(ThreadMute.root_id, ThreadMute.created_at).where(ThreadMute.user_id == user.id)
    return _in_batches(own, ThreadMute.root_id)


def asked(user: User) -> Iterator[sa.Row]:
    """Whom the person asks to let them follow, and since when."""
    return _people(user, FollowRequest.asker_id, FollowRequest.asked_id, FollowRequest.created_at)


def is_private(user: User) -> bool:
    """Whether those who would follow the person have to ask."""
    return bool(_read(sa.select(PrivateAccount.user_id).where(PrivateAccount.user_id == user.id)))


def messages(user: User) -> Iterator[sa.Row]:
    """What the person wrote and was written, as far as they keep it, one conversation after the other."""
    columns = (Message.id, Message.sender_id, Message.body, Message.language, Message.timestamp, User.username,
               User.name)
    kept = sa.select(*columns).select_from(KeptMessage).join(Message, Message.id == KeptMessage.message_id).join(
        User, User.id == KeptMessage.other_id).where(KeptMessage.owner_id == user.id)
    return _in_batches(kept, KeptMessage.other_id, KeptMessage.message_id)


def messages_count(user: User) -> int:
    """How many messages there are."""
    return _read(sa.select(sa.func.count()).where(KeptMessage.owner_id == user.id))[0][0]


def sessions(user: User) -> Iterator[sa.Row]:
    """Where the person is logged in, without what opens it."""
    columns = (UserSession.id, UserSession.created_at, UserSession.last_used_at, UserSession.remember,
               UserSession.user_agent, UserSession.address)
    return _in_batches(sa.select(*columns).where(UserSession.user_id == user.id), UserSession.id)


def events(user: User) -> Iterator[sa.Row]:
    """What happened to the account."""
    columns = (Event.id, Event.kind, Event.created_at, Event.address, Event.browser, Event.reason)
    return _in_batches(sa.select(*columns).where(Event.user_id == user.id), Event.id)


def former_usernames(user: User) -> list[sa.Row]:
    """Names that the person had lately."""
    names = sa.select(FormerUsername.username_key, FormerUsername.reserved_until)
    return _read(names.where(FormerUsername.user_id == user.id).order_by(FormerUsername.username_key))


def picture(user: User) -> sa.Row | None:
    """The person's picture, if one is stored."""
    found = _read(sa.select(Avatar.picture, Avatar.media_type).where(Avatar.user_id == user.id))
    return found[0] if found else None


def is_findable(user: User) -> bool:
    """Whether search finds the person's posts."""
    return not _read(sa.select(HiddenFromSearch.user_id).where(HiddenFromSearch.user_id == user.id))


def accepts_messages_of(user: User) -> str:
    """Who may write to the person."""
    found = _read(sa.select(MessageSetting.accepts).where(MessageSetting.user_id == user.id))
    return found[0].accepts if found else MessageSetting.FOLLOWING


def wishes(user: User) -> dict[str, Ways]:
    """Where the person wants to hear of each kind of notification."""
    columns = NotificationChoice.kind, NotificationChoice.site, NotificationChoice.mail
    chosen = _read(sa.select(*columns).where(NotificationChoice.user_id == user.id))
    return KINDS | {row.kind: Ways(row.site, row.mail) for row in chosen if row.kind in KINDS}


def _follows(user: User, side: sa.Column, other: sa.Column) -> Iterator[sa.Row]:
    people = sa.select(User.id, User.username, User.name, followers.c.created_at).join(
        followers, sa.and_(User.id == other, is_shown(user)))
    return _in_batches(people.where(side == user.id), followers.c.created_at, other)


def _people(user: User, side, other, when, *columns) -> Iterator[sa.Row]:
    people = sa.select(User.id, User.username, User.name, when, *columns).join_from(side.class_, User, User.id == other)
    return _in_batches(people.where(side == user.id), when, other)


def _in_batches(statement: sa.Select, *keys) -> Iterator[sa.Row]:
    """Rows by falling keys, of which the last is unique: no transaction stays open, and memory holds one batch."""
    ordered = statement.add_columns(*(key.label(f'key{n}') for n, key in enumerate(keys)))
    ordered = ordered.order_by(*(key.desc() for key in keys)).limit(AT_ONCE)
    rows = _read(ordered)
    while rows:
        yield from rows
        last = rows[-1][-len(keys):]
        rows = _read(ordered.where(*_below(keys, last))) if len(rows) == AT_ONCE else []


def _below(keys, last) -> list[sa.ColumnElement[bool]]:
    """The rows after the last one; the first condition lets every database begin in the index."""
    if len(keys) == 1:
        return [keys[0] < last[0]]
    (first, second), (moment, id) = keys, last
    return [first <= moment, sa.or_(first < moment, second < id)]


def _read(statement: sa.Select) -> list[sa.Row]:
    with db.engine.connect() as connection:
        return list(connection.execute(statement).all())
