"""Having an account: register, confirm the address, log in, be suspended, leave."""
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app import email, hashing, tokens
from app.exceptions import Refused
from app.extensions import db
from app.models import (
    DeletedPost,
    FormerUsername,
    Post,
    User,
    add_once,
    email_key,
    followers,
    lock_people,
    rows_changed,
    username_key,
    utcnow,
)
from app.policies import names, passwords
from app.policies.visibility import is_shown
from app.services import letters, pictures, sessions

CONFIRM_WITHIN = timedelta(days=7)
CONFIRM_SECONDS = 24 * 3600
RESEND_AFTER = timedelta(minutes=5)
LOCKED_AT_ONCE = 1000


def register(username: str, address: str, password: str, language: str = '') -> User | None:
    """Make an account. None when mail is configured and the address has one already: its owner is told by mail.

    Refused for a name, an address or a password that cannot be taken.
    """
    for objection in objections(username, address, password):
        raise objection
    address = names.check_email(address)
    user = User(username=username, email=address, language=language)
    user.set_password(password)
    if not email.is_configured():
        add(user)
        return user
    user.confirmation_sent_at = utcnow()
    user.confirm_by = user.confirmation_sent_at + CONFIRM_WITHIN
    owner = _owner_of_address(user)
    letters.send_later(letters.confirm_email if owner is user else letters.address_taken, owner)
    return user if owner is user else None


def objections(username: str, address: str, password: str) -> list[Refused]:
    """Everything that speaks against making this account, one for each field at most."""
    checks = (lambda: check_username_free(names.check_username(username)), lambda: names.check_email(address),
              lambda: passwords.check_password(password, username=username, email=address))
    found = []
    for check in checks:
        try:
            check()
        except Refused as error:
            found.append(error)
    return found


def add(user: User) -> None:
    """Store a new account; Refused when its name or its address has one already."""
    if _owner_of_address(user) is not user:
        raise Refused('email', _l('This e-mail address has an account already.'))


def _owner_of_address(user: User) -> User:
    """Store a new account unless its address has one, and tell whose the address is, with the same work for both.

    The keys of the table decide who was first; Refused when the name is taken.
    """
    add_once(user)
    owner = db.session.scalar(sa.select(User).where(User.email_key == user.email_key))
    if owner is None:
        raise Refused('username', names.TAKEN)
    return owner


def check_username_free(username: str, user: User | None = None) -> None:
    """Refuse a name that somebody else has, or had not long ago."""
    key = username_key(username)
    holder = db.session.scalar(sa.select(User.id).where(User.username_key == key))
    former = db.session.scalar(sa.select(FormerUsername.user_id).where(
        FormerUsername.username_key == key, FormerUsername.reserved_until > utcnow()))
    own = user.id if user is not None else None
    if (holder is not None and holder != own) or (former is not None and former != own):
        raise Refused('username', names.TAKEN)


def authenticate(login: str, password: str) -> User | None:
    """The account with this name or address and password, or None; every failure takes the same time."""
    key = User.email_key == email_key(login) if '@' in login else User.username_key == username_key(login)
    user = db.session.scalar(sa.select(User).where(key))
    if user is None:
        hashing.waste_time(password)
        return None
    if not user.check_password(password) or not user.is_active:
        return None
    return user if _is_still_so(user, password) else None


def _is_still_so(user: User, password: str) -> bool:
    """Note that the person is here, unless password or suspension changed while the hash was made.

    The update locks the row, so a reset at this moment waits and then ends the session that begins now.
    """
    changes: dict = {'last_seen': utcnow()}
    if hashing.needs_rehash(user.password_hash or ''):
        changes['password_hash'] = hashing.hash_password(password)
    if not email.is_configured():  # nobody could confirm the address, now or later
        changes['confirm_by'] = None
    same = sa.update(User).where(User.id == user.id, User.security_stamp == user.security_stamp,
                                 User.suspended_at.is_(None))
    if not rows_changed(same.values(changes)):
        return False
    db.session.expire(user)
    return True


def send_confirmation(user: User) -> bool:
    """Send the link that confirms the address; False when one went out a moment ago."""
    now = utcnow()
    long_ago = sa.or_(User.confirmation_sent_at.is_(None), User.confirmation_sent_at <= now - RESEND_AFTER)
    due = sa.update(User).where(User.id == user.id, User.confirm_by.is_not(None), long_ago)
    if not rows_changed(due.values(confirmation_sent_at=now)):
        return False
    letters.send_later(letters.confirm_email, user)
    return True


def of_confirmation_token(token: str) -> User | None:
    """The account whose address this token is still to confirm, or None."""
    claims = tokens.read('confirm_email', token) or {}
    id = claims.get('confirm_email')
    user = db.session.get(User, id) if isinstance(id, int) else None
    if user is None or user.confirm_by is None:
        return None
    return user if claims.get('stamp') == tokens.fingerprint(user.security_stamp, user.email_key) else None


def confirm(user: User) -> None:
    """The address is its owner's; the account may write from now on."""
    user.confirm_by = None
    pictures.look_for(user)


def suspend(user: User) -> None:
    """Log an account out everywhere and keep it out."""
    user.suspended_at = user.suspended_at or utcnow()
    user.renew_stamp()
    sessions.end_all(user)


def reinstate(user: User) -> None:
    """Let a suspended account in again."""
    user.suspended_at = None


def delete(user: User) -> None:
    """Remove an account with all that is its own; the addresses of posts that were shown answer "gone"."""
    _lock_with_neighbours(user)
    _leave_traces(user)
    followed = sa.select(followers.c.followed_id).where(followers.c.follower_id == user.id)
    following = sa.select(followers.c.follower_id).where(followers.c.followed_id == user.id)
    rows_changed(sa.update(User).where(User.id.in_(followed)).values(followers_number=User.followers_number - 1))
    rows_changed(sa.update(User).where(User.id.in_(following)).values(following_number=User.following_number - 1))
    rows_changed(sa.delete(User).where(User.id == user.id))
    if user in db.session:
        db.session.expunge(user)


def _lock_with_neighbours(user: User) -> None:
    """Lock somebody, so that nobody follows or writes meanwhile, and in one order all whose counts change too."""
    followed = sa.select(followers.c.followed_id).where(followers.c.follower_id == user.id)
    following = sa.select(followers.c.follower_id).where(followers.c.followed_id == user.id)
    ids = sorted({user.id, *db.session.scalars(followed), *db.session.scalars(following)})
    for start in range(0, len(ids), LOCKED_AT_ONCE):
        lock_people(*ids[start:start + LOCKED_AT_ONCE])


def _leave_traces(user: User) -> None:
    """Note that the posts of somebody existed, as far as others could see them."""
    now = sa.literal(utcnow(), DeletedPost.deleted_at.type)
    noted = sa.exists().where(DeletedPost.id == Post.id)
    shown = sa.select(Post.id, Post.user_id, now).join(Post.author).where(
        Post.user_id == user.id, is_shown(None), ~noted)
    db.session.execute(sa.insert(DeletedPost).from_select(['id', 'user_id', 'deleted_at'], shown))
