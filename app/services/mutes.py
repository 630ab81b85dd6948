"""Hearing nothing of somebody, or of a conversation, for a while or for good; nobody learns of it."""
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.exceptions import Forbidden
from app.extensions import db
from app.models import Mute, Post, ThreadMute, User, add_once, rows_changed, utcnow
from app.services import conversations, notifications


def mute(actor: User, user: User, span: timedelta | None, hides_notifications: bool) -> None:
    """Mute somebody, for ever where the span is None; muting again changes how."""
    check_is_another(actor, user)
    conversations.lock_both(actor, user.id)
    row = db.session.get(Mute, (actor.id, user.id), populate_existing=True) or Mute(muter_id=actor.id, muted_id=user.id)
    row.until = utcnow() + span if span is not None else None
    row.hides_notifications = hides_notifications
    db.session.add(row)
    if hides_notifications:
        notifications.see_by(actor.id, user.id)


def unmute(actor: User, user: User) -> None:
    """Hear of somebody again."""
    rows_changed(sa.delete(Mute).where(Mute.muter_id == actor.id, Mute.muted_id == user.id))


def check_is_another(actor: User, user: User) -> None:
    """Refuse to mute oneself."""
    if actor.id == user.id:
        raise Forbidden(_l('You cannot mute yourself.'))


def mute_thread(actor: User, post: Post) -> None:
    """Be told nothing more of the conversation that a post belongs to; again changes nothing."""
    add_once(ThreadMute(user_id=actor.id, root_id=post.root_id or post.id))


def unmute_thread(actor: User, post: Post) -> None:
    """Be told of a conversation again."""
    rows_changed(sa.delete(ThreadMute).where(ThreadMute.user_id == actor.id,
                                             ThreadMute.root_id == (post.root_id or post.id)))
