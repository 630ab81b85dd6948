"""Writing to somebody, and choosing who may write to oneself."""
import hashlib

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.exceptions import Refused
from app.extensions import db
from app.languages import isolated
from app.models import Conversation, Message, MessageSetting, Submission, User, lock_people
from app.policies.accounts import check_can_act
from app.policies.messages import arrives_as, check_is_another, is_there
from app.queries import messages as reading
from app.services import conversations, notifications
from app.text.cleaning import clean, is_blank
from app.text.counting import CODE_POINT_LIMIT, MESSAGE_LIMIT, POST_LIMIT, length

MOST_CODE_POINTS = MESSAGE_LIMIT * CODE_POINT_LIMIT // POST_LIMIT
UNREADABLE = 10 * MOST_CODE_POINTS


def send(actor: User, recipient: User, text: str, form_key: str = '') -> Message:
    """Write to somebody; the same form key with the same text leads to the message that it made before.

    Writing to who has asked accepts their request, and to who was declined takes that back.
    """
    check_can_act(actor)
    check_is_another(actor, recipient)
    body = check_text(text)
    conversations.lock_both(actor, recipient.id)  # whoever sends the form again waits here, and finds what it made
    key = hashlib.sha256(f'message {recipient.id}\n{form_key}\n{body}'.encode()).hexdigest()
    first = _first_of(actor, key) if form_key else None
    if first is not None:
        return first
    before, after = _way_in(actor, recipient)
    message = Message(sender_id=actor.id, recipient_id=recipient.id, body=body, language=actor.language)
    db.session.add(message)
    db.session.flush()
    conversations.receive(message, actor.id, recipient.id, Conversation.OPEN)
    if after != Conversation.DECLINED:
        conversations.receive(message, recipient.id, actor.id, after)
        if after == Conversation.OPEN or before != after:  # of a request one hears once
            notifications.tell(recipient.id, conversations.KIND, actor_id=actor.id)
    if form_key:
        db.session.add(Submission(user_id=actor.id, key=key, result_id=message.id))
    return message


def check_text(text: str) -> str:
    """The text as it is stored; Refused when nothing of it can be seen or it is too long."""
    if len(text) > UNREADABLE:  # not worth counting
        raise Refused('message', _l('This is much too long. A message has at most %(limit)s characters.',
                                    limit=MESSAGE_LIMIT))
    body = clean(text)
    if is_blank(body):
        raise Refused('message', _l('Write something first.'))
    count = length(body)
    if count > MESSAGE_LIMIT:
        raise Refused('message', ngettext('This is %(num)s character too long. A message has at most %(limit)s.',
                                          'This is %(num)s characters too long. A message has at most %(limit)s.',
                                          count - MESSAGE_LIMIT, limit=MESSAGE_LIMIT))
    if len(body) > MOST_CODE_POINTS:
        raise Refused('message', _l('This is too long once its accents and combined signs are counted. Shorten it.'))
    return body


def choose(user: User, accepts: str) -> None:
    """Say who may write to oneself; conversations go on, except that NOBODY means nobody."""
    lock_people(user.id)
    setting = db.session.get(MessageSetting, user.id, populate_existing=True) or MessageSetting(user_id=user.id)
    setting.accepts = accepts
    db.session.add(setting)


def _way_in(actor: User, recipient: User) -> tuple[str | None, str]:
    """The state of the recipient's side before and after a message; Refused when they take none."""
    if not is_there(recipient):
        raise Refused('message', _l('This account is closed. Your message was not sent.'))
    now = reading.standing(actor, recipient)
    after = arrives_as(now.accepts, now.is_followed, now.arrives)
    if after is None:
        raise Refused('message', _l('%(name)s does not take messages. Yours was not sent.',
                                    name=isolated(recipient.display_name)))
    return now.arrives, after


def _first_of(actor: User, key: str) -> Message | None:
    """The message that a form made when it came first, None when it comes now; Refused when it is deleted."""
    made = sa.select(Submission.result_id).where(Submission.user_id == actor.id, Submission.key == key)
    id = db.session.scalar(made)
    message = db.session.scalar(sa.select(Message).where(Message.id == id)) if id is not None else None
    if id is not None and message is None:
        raise Refused('message', _l('This message was sent and deleted. To send it again, open the page anew.'))
    return message
