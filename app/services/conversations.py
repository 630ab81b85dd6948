"""Conversations as each of the two has them: what is unread, accepting and declining, deleting for oneself.

Every act locks people first, both of them where it may remove what the other one has too.
"""
import sqlalchemy as sa

from app.exceptions import AccountGone, NotFound
from app.extensions import db
from app.models import Conversation, KeptMessage, Message, User, lock_people, rows_changed
from app.queries import messages as reading
from app.services import notifications

KIND = 'message'


def side(owner_id: int, other_id: int) -> Conversation | None:
    """What somebody has of a conversation, as it is now that they are locked."""
    return db.session.get(Conversation, (owner_id, other_id), populate_existing=True)


def lock_both(actor: User, other_id: int) -> None:
    """Lock both people of a conversation; AccountGone or NotFound when one of them was deleted a moment ago."""
    if lock_people(actor.id, other_id) < 2:
        raise NotFound('user') if lock_people(actor.id) else AccountGone('user')


def receive(message: Message, owner_id: int, other_id: int, state: str) -> None:
    """Add a message to somebody's side, which is then in this state; both people are locked."""
    own = side(owner_id, other_id)
    before = own.state if own is not None else None
    if own is None:
        own = Conversation(owner_id=owner_id, other_id=other_id, read_id=0, unread=0)
        db.session.add(own)
    own.state, own.newest_id = state, message.id
    db.session.add(KeptMessage(owner_id=owner_id, other_id=other_id, message_id=message.id))
    if state == Conversation.REQUEST:
        _count(own, int(own.read_id == 0) - own.unread)
    elif before in (None, state):  # the usual case: nothing is counted anew, however much is unread
        _count(own, int(message.sender_id == other_id))
    else:
        _recount(own)


def look_at(owner_id: int, other_id: int, newest_id: int) -> None:
    """Note that somebody has seen a conversation up to this message; bookkeeping for after the answer."""
    lock_people(owner_id)
    own = side(owner_id, other_id)
    if own is None or own.newest_id is None:
        return
    seen = min(newest_id, own.newest_id)  # what comes later was not seen
    if seen > own.read_id:
        unread = reading.unread(own, seen)
        own.read_id = seen  # written with the number: after a second UPDATE PostgreSQL would lock the other one as well
        _count(own, unread - own.unread)
        if not own.unread:
            notifications.see_about(owner_id, KIND, actor_id=other_id)


def accept(actor: User, other: User) -> None:
    """Take somebody's request, and what they write from now on; doing so again changes nothing."""
    own = _answered(actor, other)
    if own.state == Conversation.REQUEST:
        own.state = Conversation.OPEN
        _recount(own)


def decline(actor: User, other: User) -> None:
    """Turn somebody's request down for good, without their learning it; doing so again changes nothing."""
    own = _answered(actor, other)
    if own.state == Conversation.OPEN:
        raise NotFound('request')
    _empty(own)


def delete(actor: User, other: User) -> None:
    """Delete a whole conversation for oneself; the other one keeps theirs. A request is declined by that."""
    lock_both(actor, other.id)
    own = side(actor.id, other.id)
    if own is None or own.newest_id is None:
        raise NotFound('conversation')
    _empty(own)


def delete_message(actor: User, message: Message, other: User) -> None:
    """Delete a message for oneself; when the other one has done so too, nothing of it is left."""
    lock_both(actor, other.id)
    own = side(actor.id, other.id)
    if own is None or not rows_changed(sa.delete(KeptMessage).where(
            KeptMessage.owner_id == actor.id, KeptMessage.other_id == other.id, KeptMessage.message_id == message.id)):
        raise NotFound('message')
    _remove_unkept(Message.id == message.id)
    own.newest_id = db.session.scalar(sa.select(sa.func.max(KeptMessage.message_id)).where(
        KeptMessage.owner_id == actor.id, KeptMessage.other_id == other.id))
    _recount(own)
    _forget(own)


def put_aside(one_id: int, other_id: int) -> None:
    """Take what two people wrote to each other as read on both sides; both are locked."""
    for own in (side(one_id, other_id), side(other_id, one_id)):
        if own is not None and own.newest_id is not None:
            own.read_id = max(own.read_id, own.newest_id)
            _count(own, -own.unread)


def with_unread_of(user: User) -> sa.Select:
    """The ids of those who have not read everything that this person wrote to them."""
    return sa.select(Conversation.owner_id).where(Conversation.other_id == user.id, Conversation.unread > 0)


def leave(user: User) -> None:
    """Count nothing any more that this person wrote, whose account is about to go; whoever counts it is locked."""
    theirs = sa.select(Conversation.unread).where(
        Conversation.owner_id == User.id, Conversation.other_id == user.id).correlate(User).scalar_subquery()
    rows_changed(sa.update(User).where(User.id.in_(with_unread_of(user))).values(
        unread_messages=User.unread_messages - theirs))


def _answered(actor: User, other: User) -> Conversation:
    """The side on which somebody had a request, or NotFound."""
    lock_both(actor, other.id)
    own = side(actor.id, other.id)
    if own is None:
        raise NotFound('request')
    return own


def _empty(own: Conversation) -> None:
    """Take everything from one side. What is declined stays so; else the other one may go on to write."""
    if own.state == Conversation.REQUEST:
        own.state = Conversation.DECLINED
    rows_changed(sa.delete(KeptMessage).where(
        KeptMessage.owner_id == own.owner_id, KeptMessage.other_id == own.other_id))
    _remove_unkept(sa.or_(*(sa.and_(Message.sender_id == sender, Message.recipient_id == recipient) for
                            sender, recipient in ((own.owner_id, own.other_id), (own.other_id, own.owner_id)))))
    own.newest_id = None
    _recount(own)
    notifications.see_about(own.owner_id, KIND, actor_id=own.other_id)
    _forget(own)


def _remove_unkept(which: sa.ColumnElement[bool]) -> None:
    kept = sa.exists().where(KeptMessage.message_id == Message.id)
    rows_changed(sa.delete(Message).where(which, ~kept))


def _forget(own: Conversation) -> None:
    """When neither side has anything left, and none is declined, nothing shall tell that the two ever wrote."""
    theirs = side(own.other_id, own.owner_id)
    sides = [one for one in (own, theirs) if one is not None]
    if all(one.newest_id is None and one.state != Conversation.DECLINED for one in sides):
        for one in sides:
            db.session.delete(one)


def _recount(own: Conversation) -> None:
    db.session.flush()
    _count(own, reading.unread(own, own.read_id) - own.unread)


def _count(own: Conversation, step: int) -> None:
    """Move what is unread here and, as much, what is unread of all."""
    if step:
        own.unread += step
        rows_changed(sa.update(User).where(User.id == own.owner_id).values(
            unread_messages=User.unread_messages + step))
