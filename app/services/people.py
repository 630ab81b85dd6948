"""Following people, and changing what one's own profile says."""
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app import events, search
from app.exceptions import Forbidden, NotFound, Refused
from app.extensions import db
from app.models import (
    FormerUsername,
    HiddenFromSearch,
    User,
    add_once,
    lock_people,
    rows_changed,
    utcnow,
)
from app.policies import names
from app.policies.accounts import check_can_act
from app.services import accounts, blocks, credentials, notifications, requests
from app.text.cleaning import clean, clean_line
from app.text.counting import length

RESERVED = timedelta(days=90)
NAME_LIMIT = 50
ABOUT_LIMIT = 500
UNREADABLE = 20_000  # more is too long, however it counts


def follow(actor: User, user: User) -> bool:
    """Follow somebody, or ask them where they want to be asked; again changes nothing. True when the actor follows."""
    check_can_act(actor)
    if actor.id == user.id:
        raise Forbidden(_l('You cannot follow yourself.'))
    if lock_people(actor.id, user.id) < 2:
        raise NotFound('user')
    blocks.check_together(actor, user)
    if requests.must_ask(actor, user):
        requests.ask(actor, user)
        return False
    try:
        is_new = actor.follow(user)
    except ValueError as error:
        raise Forbidden(_l('You follow as many people as one can. Unfollow somebody first.')) from error
    if is_new:
        requests.withdraw(actor, user)
        notifications.tell(user.id, 'follow', actor_id=actor.id)
    return True


def unfollow(actor: User, user: User) -> bool:
    """Stop following somebody, or asking to; True when it changed something."""
    if actor.id == user.id:
        raise Forbidden(_l('You cannot unfollow yourself.'))
    return actor.unfollow(user) or requests.withdraw(actor, user)


def edit_profile(user: User, name: str, about_me: str) -> None:
    """Say who one is; Refused for what is too long."""
    name, about_me = clean_line(name[:UNREADABLE]), clean(about_me[:UNREADABLE])
    if length(name) > NAME_LIMIT or len(name) > NAME_LIMIT:
        raise Refused('name', _l('A name has at most %(limit)s characters.', limit=NAME_LIMIT))
    if length(about_me) > ABOUT_LIMIT or len(about_me) > 4 * ABOUT_LIMIT:
        raise Refused('about_me', _l('This text has at most %(limit)s characters.', limit=ABOUT_LIMIT))
    user.name, user.about_me = name, about_me


def let_be_found(user: User, is_findable: bool) -> None:
    """Let search find one's posts, or not any more: no page shows them from now on, and the index forgets them."""
    hidden = sa.delete(HiddenFromSearch).where(HiddenFromSearch.user_id == user.id)
    if is_findable:
        if rows_changed(hidden):
            search.engine().author_added(user.id)
    elif add_once(HiddenFromSearch(user_id=user.id)):
        search.engine().author_removed(user.id)


def rename(user: User, username: str, password: str) -> None:
    """Take another username; links with the old one lead on, and nobody else may take it for 90 days."""
    if username == user.username:
        return
    names.check_username(username)
    credentials.check_current(user, password, 'password')
    accounts.check_username_free(username, user)
    old_key = user.username_key
    try:
        with db.session.begin_nested():
            user.username = username
    except IntegrityError as error:
        db.session.expire(user)
        raise Refused('username', names.TAKEN) from error
    events.record('renamed', user)
    rows_changed(sa.delete(FormerUsername).where(FormerUsername.username_key.in_([old_key, user.username_key])))
    if old_key != user.username_key:
        db.session.add(FormerUsername(username_key=old_key, user_id=user.id, reserved_until=utcnow() + RESERVED))
