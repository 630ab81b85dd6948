"""Having nothing to do with somebody: it holds both ways, and leaves no trace with them."""
import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.exceptions import Forbidden, NotFound
from app.extensions import db
from app.models import Block, FollowRequest, User, add_once, rows_changed
from app.services import conversations, notifications


def block(actor: User, user: User) -> None:
    """Block somebody; blocking again changes nothing. Nobody is told, and neither sees the other any more.

    Of two who block each other at one moment the second does not find the first: a block is never mutual.
    """
    check_is_another(actor, user)
    conversations.lock_both(actor, user.id)
    if db.session.get(Block, (user.id, actor.id)) is not None:
        raise NotFound('user')
    if add_once(Block(blocker_id=actor.id, blocked_id=user.id)):
        actor.unfollow(user)
        user.unfollow(actor)
        _withdraw_requests(actor, user)
        notifications.forget_each_other(actor.id, user.id)
        conversations.put_aside(actor.id, user.id)


def unblock(actor: User, user: User) -> None:
    """End a block; who followed whom before is not brought back."""
    conversations.lock_both(actor, user.id)
    rows_changed(sa.delete(Block).where(Block.blocker_id == actor.id, Block.blocked_id == user.id))


def check_is_another(actor: User, user: User) -> None:
    """Refuse to block oneself."""
    if actor.id == user.id:
        raise Forbidden(_l('You cannot block yourself.'))


def check_together(actor: User, user: User) -> None:
    """Forbidden for whom the actor has blocked, NotFound for who has blocked the actor; exact where both are locked."""
    pairs = sa.or_(sa.and_(Block.blocker_id == actor.id, Block.blocked_id == user.id),
                   sa.and_(Block.blocker_id == user.id, Block.blocked_id == actor.id))
    blocker_id = db.session.scalar(sa.select(Block.blocker_id).where(pairs))
    if blocker_id == actor.id:
        raise Forbidden(_l('You have blocked this person. Unblock them first.'))
    if blocker_id is not None:
        raise NotFound('user')


def _withdraw_requests(one: User, other: User) -> None:
    rows_changed(sa.delete(FollowRequest).where(sa.or_(
        sa.and_(FollowRequest.asker_id == one.id, FollowRequest.asked_id == other.id),
        sa.and_(FollowRequest.asker_id == other.id, FollowRequest.asked_id == one.id))))
