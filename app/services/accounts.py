"""Having an account: register, confirm the address, log in, be suspended, leave."""
import hashlib
from datetime import timedelta

import sqlalchemy as sa
import sqlalchemy.orm as so
from flask_babel import lazy_gettext as _l

from app import email, events, hashing, search, tokens
from app.exceptions import Forbidden, Refused
from app.extensions import db
from app.models import (
    DeletedPost,
    FormerUsername,
    HeldUsername,
    Post,
    Submission,
    User,
    add_once,
    followers,
    lock_people,
    rows_changed,
    username_key,
    utcnow,
)
from app.policies import names, passwords
from app.policies.visibility import is_shown
from app.queries.people import goes_by
from app.services import conversations, counters, credentials, engagement, letters, notifications, pictures, sessions

CONFIRM_WITHIN = timedelta(days=7)
CONFIRM_SECONDS = 24 * 3600
RESEND_AFTER = timedelta(minutes=5)
LOCKED_AT_ONCE = 1000
NOBODY = 0  # whose the forms are that make accounts


def register(username: str, address: str, password: str, language: str = '', form_key: str = '') -> User | None:
    """Make an account. None when mail is configured and the address has one already: its owner is told by mail.

    None also for the same form a second time. Refused for a name, an address or a password that cannot be taken.
    """
    for objection in objections(username, address, password):
        raise objection
    user = User(username=username, email=names.check_email(address), language=language)
    user.set_password(password)
    if form_key and not add_once(Submission(user_id=NOBODY, key=_key(form_key, username, address), result_id=0)):
        return None
    if not email.is_configured():
        add(user)
        return user
    return user if _add_unconfirmed(user) else None


def was_registered(username: str, address: str, form_key: str) -> bool:
    """True when a form with this one-time key, name and address was taken already."""
    key = _key(form_key, username, address)
    return bool(form_key) and db.session.get(Submission, (NOBODY, key)) is not None


def _key(form_key: str, username: str, address: str) -> str:
    return hashlib.sha256(f'{form_key}\n{username}\n{address}'.encode()).hexdigest()


def _add_unconfirmed(user: User) -> bool:
    """Store an account that waits for its link, and hold its name; False when the address has one, whose owner hears.

    Both cost the same, and after both the name is taken for as long: nobody learns whether the address has an account.
    """
    user.confirmation_sent_at = utcnow()
    user.confirm_by = until = user.confirmation_sent_at + CONFIRM_WITHIN
    owner = _owner_of_address(user)
    if not add_once(HeldUsername(username_key=user.username_key, held_until=until)):
        raise Refused('username', names.TAKEN)
    is_new = owner is user
    events.record('registered' if is_new else 'address_tried', owner)
    letters.send_later(letters.confirm_email if is_new else letters.address_taken, owner)
    return is_new


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
    events.record('registered', user)


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
    """Refuse a name that somebody else has, had not long ago, or asked for and has not confirmed."""
    key = username_key(username)
    holder = db.session.scalar(sa.select(User.id).where(User.username_key == key))
    former = db.session.scalar(sa.select(FormerUsername.user_id).where(
        FormerUsername.username_key == key, FormerUsername.reserved_until > utcnow()))
    is_held = db.session.scalar(sa.select(HeldUsername.username_key).where(HeldUsername.username_key == key))
    own = user.id if user is not None else 0
    others = {holder, former} - {None, own}
    if others or (is_held and own not in (holder, former)):
        raise Refused('username', names.TAKEN)


def authenticate(login: str, password: str) -> User | None:
    """The account with this name or address and password, or None; every failure is noted and takes the same time."""
    user = db.session.scalar(sa.select(User).where(goes_by(login)))
    if user is None:
        hashing.waste_time(password)
    elif user.check_password(password) and user.is_active and _is_still_so(user, password):
        return user
    events.record('login_failed', user)
    return None


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
    """The address is its owner's, who may write from now on. Of several uses at one moment one wins; Forbidden else."""
    same = sa.update(User).where(User.id == user.id, User.confirm_by.is_not(None),
                                 User.security_stamp == user.security_stamp)
    if not rows_changed(same.values(confirm_by=None)):
        raise Forbidden(credentials.LINK_USED)
    db.session.expire(user)
    events.record('email_confirmed', user)
    email.forget_refusal(user.email)
    pictures.look_for(user)


def suspend(user: User) -> None:
    """Log an account out everywhere and keep it out."""
    if user.suspended_at is None:
        _lock_all(user.id, *db.session.scalars(notifications.told_by(user)))
        notifications.silence(user)
        user.suspended_at = utcnow()
        events.record('suspended', user)
    user.renew_stamp()
    sessions.end_all(user)


def reinstate(user: User) -> None:
    """Let a suspended account in again."""
    if user.suspended_at is not None:
        user.suspended_at = None
        events.record('reinstated', user)


def delete(user: User) -> None:
    """Remove an account with all that is its own; the addresses of posts that were shown answer "gone"."""
    _lock_with_neighbours(user)
    events.log_later('account_deleted', user)
    _leave_traces(user)
    counters.forget_posts_of(user)
    _remove_reposts(user)
    notifications.silence(user)
    conversations.leave(user)
    if db.session.scalar(sa.select(Post.id).where(Post.user_id == user.id).limit(1)) is not None:
        search.engine().author_removed(user.id)
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
    told = notifications.told_by(user)
    neighbours = followed, following, told, conversations.with_unread_of(user)
    _lock_all(user.id, *(id for ids in neighbours for id in db.session.scalars(ids)))


def _lock_all(*people: int) -> None:
    ids = sorted(set(people))
    for start in range(0, len(ids), LOCKED_AT_ONCE):
        lock_people(*ids[start:start + LOCKED_AT_ONCE])


def _remove_reposts(user: User) -> None:
    """Remove the reposts of what somebody wrote, as the deletion of each post does it, and those made meanwhile."""
    repost = so.aliased(Post)  # the number leaves out those that not everybody may read
    is_passed_on = sa.exists().where(repost.repost_of_id == Post.id)
    ids = db.session.scalars(sa.select(Post.id).where(Post.user_id == user.id, is_passed_on)).all()
    engagement.forget(*ids)
    for start in range(0, len(ids), LOCKED_AT_ONCE):
        rows_changed(sa.delete(Post).where(Post.repost_of_id.in_(ids[start:start + LOCKED_AT_ONCE])))


def _leave_traces(user: User) -> None:
    """Note that the posts of somebody existed, as far as others could see them."""
    now = sa.literal(utcnow(), DeletedPost.deleted_at.type)
    noted = sa.exists().where(DeletedPost.id == Post.id)
    kept = Post.id, Post.user_id, Post.parent_id, Post.root_id, Post.visibility
    shown = sa.select(*kept, now).join(Post.author).where(
        Post.user_id == user.id, Post.repost_of_id.is_(None), is_shown(None), ~noted)
    names = [column.key for column in kept]
    db.session.execute(sa.insert(DeletedPost).from_select([*names, 'deleted_at'], shown))
