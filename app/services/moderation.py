"""What those who look after the site do to others: each act is noted twice, for its owner and with who did it."""
from flask_babel import lazy_gettext as _l

from app import email, events
from app.exceptions import NotFound, Refused
from app.models import Post, User
from app.policies.accounts import check_is_admin, check_is_another
from app.services import accounts, letters, posts, sessions

REASON_LIMIT = 300


def suspend(actor: User, user: User) -> None:
    """Keep somebody out and hide what they wrote."""
    _note(actor, user, 'suspend')
    accounts.suspend(user)


def reinstate(actor: User, user: User) -> None:
    """Let somebody in again."""
    _note(actor, user, 'reinstate')
    accounts.reinstate(user)


def sign_out(actor: User, user: User) -> None:
    """Log somebody out everywhere."""
    _note(actor, user, 'sign_out')
    if sessions.end_all(user):
        events.record('sessions_ended', user)


def delete(actor: User, user: User) -> None:
    """Delete somebody's account with everything they wrote."""
    _note(actor, user, 'delete')
    accounts.delete(user)


def remove(actor: User, post: Post, reason: str) -> None:
    """Remove somebody's post, and tell them why."""
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused('reason', _l('Say in a few words why, for its author.'))
    author, body = post.author, post.body
    _note(actor, author, 'remove_post', post=post.id)
    posts.remove(post)
    events.record('post_removed', author, reason)
    if email.is_configured():
        letters.send_later(letters.post_removed, author, body=body, reason=reason)


def _note(actor: User, user: User, act: str, **details) -> None:
    """Check that it may be done, and log by whom; its owner is told that it was done by the operator."""
    check_is_admin(actor)
    check_is_another(actor, user)
    if user.id is None:
        raise NotFound('user')
    came = events.origin()
    events.log_later('moderated', actor, act=act, account=user.id, **details)
    events.come_from(events.COMMAND_LINE, request_id=came.request_id)
