"""Who may write to whom, and how a message arrives."""
import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.exceptions import Forbidden
from app.models import Conversation, KeptMessage, Message, MessageSetting, User


def arrives_as(accepts: str, follows: bool, state: str | None) -> str | None:
    """The state that the recipient's side of a conversation is in after a message; None when it is refused.

    `accepts` is what the recipient chose, `follows` whether they follow the sender, `state` that of their side so far.
    DECLINED means that it does not arrive: its sender is not to learn so. That ends when the recipient follows them
    or writes to them.
    """
    if accepts == MessageSetting.NOBODY:
        return None
    if follows or state == Conversation.OPEN:
        return Conversation.OPEN
    if state == Conversation.DECLINED:
        return Conversation.DECLINED
    return Conversation.OPEN if accepts == MessageSetting.EVERYONE else Conversation.REQUEST


def is_unread() -> sa.ColumnElement[bool]:
    """The condition that a kept message is one whose number its owner sees: in a request one, until it is looked at."""
    one_for_all = sa.and_(Conversation.state == Conversation.REQUEST, Conversation.read_id == 0,
                          KeptMessage.message_id == Conversation.newest_id)
    return sa.and_(
        Conversation.owner_id == KeptMessage.owner_id, Conversation.other_id == KeptMessage.other_id,
        KeptMessage.message_id > Conversation.read_id, Message.id == KeptMessage.message_id,
        Message.sender_id == KeptMessage.other_id, sa.or_(Conversation.state == Conversation.OPEN, one_for_all))


def is_there(person: User) -> bool:
    """True for somebody whom others see: neither suspended nor unconfirmed."""
    return person.suspended_at is None and person.confirm_by is None


def can_write(actor: User | None, recipient: User, takes_none: bool) -> bool:
    """True when it is of use to offer the actor a way to write to somebody."""
    if actor is None or actor.id == recipient.id or not (actor.is_confirmed and is_there(recipient)):
        return False
    return not takes_none


def check_is_another(actor: User, other: User) -> None:
    """Refuse a conversation with oneself."""
    if actor.id == other.id:
        raise Forbidden(_l('You cannot write to yourself.'))
