"""Asking to follow somebody who wants to be asked, and answering."""
import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.exceptions import Forbidden
from app.extensions import db
from app.languages import isolated
from app.models import FollowRequest, PrivateAccount, User, add_once, lock_people, rows_changed
from app.services import conversations, notifications

KIND = 'follow_request'


def must_ask(actor: User, user: User) -> bool:
    """True when somebody is followed only by those they have let in, and has not let the actor in."""
    return db.session.get(PrivateAccount, user.id) is not None and not actor.is_following(user)


def ask(actor: User, user: User) -> None:
    """Ask to follow somebody, once; both are locked."""
    if add_once(FollowRequest(asker_id=actor.id, asked_id=user.id)):
        notifications.tell(user.id, KIND, actor_id=actor.id)


def withdraw(asker: User, user: User) -> bool:
    """Ask no more; nobody is told. True when there was a request."""
    lock_people(asker.id, user.id)
    return _take(asker, user)


def accept(user: User, asker: User) -> None:
    """Let somebody follow oneself who asked to, and tell them; nothing happens when they do not ask any more."""
    conversations.lock_both(user, asker.id)
    if not let_in(user, asker):
        raise Forbidden(_l('%(name)s follows as many people as one can.', name=isolated(asker.display_name)))


def let_in(user: User, asker: User) -> bool:
    """The same with both locked already; False when they follow as many people as one can, and ask no more."""
    if not _take(asker, user):
        return True
    try:
        asker.follow(user)
    except ValueError:
        return False
    notifications.tell(asker.id, 'request_accepted', actor_id=user.id)
    return True


def decline(user: User, asker: User) -> bool:
    """Turn a request down, without their learning it; nothing happens when there is none."""
    return withdraw(asker, user)


def _take(asker: User, user: User) -> bool:
    """Remove a request and what was told of it; False when there is none."""
    asked = sa.delete(FollowRequest).where(FollowRequest.asker_id == asker.id, FollowRequest.asked_id == user.id)
    if not rows_changed(asked):
        return False
    notifications.take_back(user.id, KIND, actor_id=asker.id)
    return True
