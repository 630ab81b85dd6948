"""The counters of people and posts, compared with the rows that they count, and set right."""
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import (
    Conversation,
    KeptMessage,
    Like,
    Notification,
    Post,
    User,
    Visibility,
    followers,
    lock_people,
    rows_changed,
)
from app.policies.messages import is_unread
from app.policies.notifications import counts

AT_ONCE = 500  # people; those that a rebuild locks wait for a moment
POSTS_AT_ONCE = 5000
# Each counter of a person: whose row it is, and which rows count.
COUNTED: dict = {
    User.posts_count: (Post.user_id, sa.and_(Post.visibility <= Visibility.UNLISTED, Post.repost_of_id.is_(None))),
    User.followers_number: (followers.c.followed_id, sa.true()),
    User.following_number: (followers.c.follower_id, sa.true()),
    User.unread_notifications: (Notification.user_id, counts()),
    User.unread_messages: (KeptMessage.owner_id, is_unread()),
}
UNREAD = 'conversation.unread'
_reply, _repost = so.aliased(Post), so.aliased(Post)
# Each counter of a post: which post a row is about, which rows count, and whose row it is.
OF_POSTS: dict = {
    Post.replies_count: (_reply.parent_id, _reply.visibility <= Visibility.UNLISTED, _reply.user_id),
    Post.likes_count: (Like.post_id, sa.true(), Like.user_id),
    Post.reposts_count: (_repost.repost_of_id, _repost.visibility <= Visibility.UNLISTED, _repost.user_id),
}


class Difference(NamedTuple):
    """A counter that is wrong, of the person or the post with this id."""

    id: int
    name: str
    counter: str
    stored: int
    counted: int


def check() -> Iterator[list[Difference]]:
    """What is wrong, for some people or posts at a time; others may post and follow meanwhile."""
    for ids in _everybody():
        yield _differences(ids)
    for first, last in _all_posts():
        yield _differences_of_posts(first, last)


def rebuild() -> Iterator[list[Difference]]:
    """Set right what is wrong, for some at a time; commit after each step, which gives their locks back."""
    for ids in _everybody():
        lock_people(*ids)
        wrong = _differences(ids)
        rows_changed(sa.update(Conversation).where(Conversation.owner_id.in_(ids)).values(unread=_unread()))
        for found in wrong:
            if found.counter != UNREAD:
                rows_changed(sa.update(User).where(User.id == found.id).values({found.counter: found.counted}))
        yield wrong
    for first, last in _all_posts():
        yield [found for one in _differences_of_posts(first, last) for found in _set_right(one)]


def forget_posts_of(user: User) -> None:
    """Take what somebody who leaves answered and passed on out of the numbers of others' posts."""
    for counter, (about, which, actor) in OF_POSTS.items():
        rows = sa.select(about, sa.func.count()).where(actor == user.id, about.is_not(None), which).group_by(about)
        by_number = defaultdict(list)
        for id, number in db.session.execute(rows.order_by(about)):
            by_number[number].append(id)
        for number, ids in by_number.items():
            for start in range(0, len(ids), AT_ONCE):
                some = Post.id.in_(ids[start:start + AT_ONCE])
                rows_changed(sa.update(Post).where(some).values({counter: counter - number}))


def _everybody() -> Iterator[list[int]]:
    last = 0
    while ids := db.session.scalars(sa.select(User.id).where(User.id > last).order_by(User.id).limit(AT_ONCE)).all():
        yield list(ids)
        last = ids[-1]


def _all_posts() -> Iterator[tuple[int, int]]:
    """The first and the last id of each part."""
    last = 0
    while ids := db.session.scalars(
            sa.select(Post.id).where(Post.id > last).order_by(Post.id).limit(POSTS_AT_ONCE)).all():
        yield ids[0], ids[-1]
        last = ids[-1]


def _differences(ids: list[int]) -> list[Difference]:
    """Compared by one statement each, since that sees counter and rows at the same moment."""
    statements = [_compared(stored, User.username, owner, which, owner.in_(ids), User.id.in_(ids))
                  for stored, (owner, which) in COUNTED.items()]
    return [Difference(*row) for statement in [*statements, _compared_conversations(ids)]
            for row in db.session.execute(statement)]


def _differences_of_posts(first: int, last: int) -> list[Difference]:
    name = sa.literal('post ') + sa.cast(Post.id, sa.String(20))
    statements = [_compared(stored, name, about, which, about.between(first, last), Post.id.between(first, last))
                  for stored, (about, which, _actor) in OF_POSTS.items()]
    return [Difference(*row) for statement in statements for row in db.session.execute(statement)]


def _compared(stored: Any, name: Any, of: Any, which: Any, some: Any, chosen: Any) -> sa.Select:
    rows: sa.Select = sa.select(of.label('id'), sa.func.count().label('number')).where(some, which)
    counts = rows.group_by(of).subquery()
    counted, owner = sa.func.coalesce(counts.c.number, 0), stored.class_
    wrong = sa.select(owner.id, name, sa.literal(stored.key), stored, counted)
    return wrong.outerjoin(counts, counts.c.id == owner.id).where(chosen, stored != counted)


def _set_right(found: Difference) -> list[Difference]:
    """Count again under the lock of the row, which whoever adds to a counter takes before they add what it counts."""
    counter = getattr(Post, found.counter)
    rows_changed(sa.update(Post).where(Post.id == found.id).values({counter: counter}))
    wrong = [again for again in _differences_of_posts(found.id, found.id) if again.counter == found.counter]
    for again in wrong:
        rows_changed(sa.update(Post).where(Post.id == again.id).values({counter: again.counted}))
    return wrong


def _compared_conversations(ids: list[int]) -> sa.Select:
    rows = sa.select(User.id, User.username, sa.literal(UNREAD), Conversation.unread, _unread())
    return rows.join(Conversation, Conversation.owner_id == User.id).where(
        User.id.in_(ids), Conversation.unread != _unread())


def _unread() -> sa.ScalarSelect:
    """What is unread of the conversation at hand."""
    return sa.select(sa.func.count(KeptMessage.message_id)).where(is_unread()).correlate(Conversation).scalar_subquery()
