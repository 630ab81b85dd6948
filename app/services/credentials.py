"""Changing what proves who somebody is: the password and the e-mail address."""
import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app import email, events, hashing, tokens
from app.exceptions import Forbidden, Refused
from app.extensions import db
from app.models import User, email_key, new_stamp, rows_changed
from app.policies import names, passwords
from app.services import letters, notifications, pictures, sessions

NOT_CURRENT = _l('This is not your current password.')
LINK_USED = _l('This link has been used or is too old. Ask for a new one.')


def request_reset(address: str) -> None:
    """Send a reset link to whoever has this address; nothing tells whether anybody has. Refused for no address."""
    letters.send_reset_link(names.check_email(address))
    events.log_now('reset_requested')


def reset_password(user: User, password: str) -> None:
    """Set a new password by a link. Of several uses at one moment one wins; Forbidden for the others."""
    if not _replace_password(user, password, confirm_by=None):  # the link came by mail: the address is theirs
        raise Forbidden(LINK_USED)
    sessions.end_all(user)
    events.record('password_reset', user)
    notifications.tell(user.id, 'security')
    email.forget_refusal(user.email)
    letters.tell_password_changed(user)


def change_password(user: User, current: str, password: str) -> None:
    """Set a new password after the current one; every other browser is logged out."""
    check_current(user, current)
    if not _replace_password(user, password):
        raise Refused('current_password', NOT_CURRENT)
    sessions.keep_only_this(user)
    events.record('password_changed', user)
    notifications.tell(user.id, 'security')
    letters.tell_password_changed(user)


def check_current(user: User, password: str, field: str = 'current_password') -> None:
    """Refuse unless this is the account's password."""
    if not password:
        raise Refused(field, _l('Enter your current password.'))
    if not user.check_password(password):
        events.log_now('password_refused', user)
        raise Refused(field, NOT_CURRENT)


def _replace_password(user: User, password: str, **values) -> bool:
    """Set a password unless somebody else was faster: the security stamp decides, and is renewed."""
    passwords.check_password(password, username=user.username, email=user.email)
    changed = {**values, 'password_hash': hashing.hash_password(password), 'security_stamp': new_stamp()}
    same = sa.update(User).where(User.id == user.id, User.security_stamp == user.security_stamp)
    if not rows_changed(same.values(changed)):
        return False
    db.session.expire(user)
    return True


def request_email_change(user: User, address: str, current: str) -> bool:
    """Change the address; with mail, only once the new one is confirmed. True when that is still to come."""
    check_current(user, current)
    address = names.check_email(address)
    if email_key(address) == user.email_key:
        raise Refused('email', _l('This is your address already.'))
    if not email.is_configured():
        change_email(user, address)
        return False
    events.record('email_change_requested', user)
    owner = db.session.scalar(sa.select(User).where(User.email_key == email_key(address)))
    if owner is not None:  # the same answer as for a free one; its owner is told
        letters.send_later(letters.address_taken, owner)
    else:
        letters.send_later(letters.email_change, user, address=address)
    return True


def of_change_token(token: str) -> tuple[User, str] | None:
    """The account and the new address that a token was made for, or None."""
    claims = tokens.read('change_email', token) or {}
    id, address = claims.get('change_email'), claims.get('email')
    user = db.session.get(User, id) if isinstance(id, int) else None
    if user is None or claims.get('stamp') != tokens.fingerprint(user.security_stamp):
        return None
    return user, str(address)


def change_email(user: User, address: str) -> None:
    """Give the account its new address; of several uses of a link at one moment one wins, Forbidden for the others.

    Links sent before die, other browsers are logged out, the old address is told.
    """
    old, key = user.email, email_key(address)
    changed = {'email': address, 'email_key': key, 'confirm_by': None, 'security_stamp': new_stamp()}
    won = sa.update(User).where(User.id == user.id, User.security_stamp == user.security_stamp).values(changed)
    try:
        with db.session.begin_nested():
            if not rows_changed(won):
                raise Forbidden(LINK_USED)
    except IntegrityError as error:
        raise Refused('email', _l('This e-mail address has an account already.')) from error
    db.session.expire(user)
    sessions.keep_only_this(user)
    events.record('email_changed', user)
    notifications.tell(user.id, 'security')
    if email.is_configured():
        email.forget_refusal(address)
        letters.send_later(letters.email_changed, user, old=old)
    pictures.look_for(user)
