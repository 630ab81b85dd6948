"""Finding people, and lists of them."""
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import (
    FollowRequest,
    FormerUsername,
    HiddenFromSearch,
    Post,
    User,
    email_key,
    followers,
    name_key,
    username_key,
)
from app.policies.visibility import is_known, is_listed, is_shown, is_site_open_to, shows_people
from app.queries import crowds
from app.queries.statements import number, reader_of
from app.queries.told import Actor

KEY = sa.bindparam('key', type_=sa.String)
POSTS_LOOKED_AT = 400
FOLLOWING, ASKED = 'following', 'asked'
LONGEST_LOGIN = 320  # no account has a longer name or address, with whatever stands in it that its key leaves out


def by_username(viewer: User | None, username: str) -> User | None:
    """The person with this name, or who had it before, as far as the viewer may know of them."""
    return named(viewer, username, is_shown) if is_site_open_to(viewer) else None


def known(viewer: User | None, username: str) -> User | None:
    """The same, or somebody whom the viewer has blocked."""
    return named(viewer, username, is_known) if is_site_open_to(viewer) else None


def with_people(viewer: User | None, username: str) -> User | None:
    """The person with this name, if the viewer may see who follows them and whom they follow."""
    return named(viewer, username, is_shown, shows_people) if is_site_open_to(viewer) else None


def named(viewer: User | None, username: str, *policies: Callable[[Any], sa.ColumnElement[bool]]) -> User | None:
    """The person with this name, else who had it before, if the policies let the viewer see them."""
    values = {'key': username_key(username)} | ({} if viewer is None else {'viewer': viewer.id})
    return db.session.scalar(_named(viewer is None, *policies), values)


@cache
def _named(is_public: bool, *policies: Callable[[Any], sa.ColumnElement[bool]]) -> sa.Select:
    """Built once: to build it takes as long as to run it."""
    former = sa.select(FormerUsername.user_id).where(FormerUsername.username_key == KEY).scalar_subquery()
    allowed = [policy(reader_of(is_public)) for policy in policies]
    found = sa.select(User).where(sa.or_(User.username_key == KEY, User.id == former), *allowed)
    return found.order_by(sa.case((User.username_key == KEY, 0), else_=1)).limit(number(1))


def ids_of(viewer: User | None, keys: set[str]) -> dict[str, int]:
    """The ids of the people with these names, now or before, by the names' keys."""
    if not keys or not is_site_open_to(viewer):
        return {}
    values = {'keys': list(keys)} | ({} if viewer is None else {'viewer': viewer.id})
    rows = db.session.execute(_ids_of(viewer is None), values).all()
    return {row[1]: row[2] for row in sorted(rows, key=lambda row: row[0])}  # who has the name now comes last


@cache
def _ids_of(is_public: bool) -> sa.CompoundSelect:
    """Built once: every post with a name in it asks."""
    keys: Any = sa.bindparam('keys', expanding=True)
    is_there = is_shown(reader_of(is_public))
    now = sa.select(sa.literal(1), User.username_key, User.id).where(User.username_key.in_(keys), is_there)
    before = sa.select(sa.literal(0), FormerUsername.username_key, User.id).join(
        User, User.id == FormerUsername.user_id).where(FormerUsername.username_key.in_(keys), is_there)
    return sa.union_all(now, before)


def is_findable(user: User) -> bool:
    """True unless this person said that search may not find their posts."""
    return db.session.get(HiddenFromSearch, user.id) is None


def goes_by(login: str) -> sa.ColumnElement[bool]:
    """That an account has this name or this address, as people type it to log in."""
    login = login_name(login)
    return User.email_key == email_key(login) if '@' in login else User.username_key == username_key(login)


def login_name(login: str) -> str:
    """What was typed as a name or an address, as far as it is read: what looks for the account sees what is counted."""
    return login.strip()[:LONGEST_LOGIN]


def id_of_login(login: str) -> int | None:
    """The id of the account with this name or address."""
    return db.session.scalar(sa.select(User.id).where(goes_by(login)))


def search(viewer: User | None, words: str, count: int) -> list[User]:
    """People whose username or name begins like this, by name; nobody for nothing."""
    words = words.strip().removeprefix('@')
    if not words or not is_site_open_to(viewer):
        return []
    keys = [(User.username_key, username_key(words)), (User.name_key, name_key(words))]
    begins = sa.union(*(_prefix(column, key, count) for column, key in keys if key)).subquery()
    found = sa.select(User).where(User.id.in_(sa.select(begins.c.id)), is_shown(viewer))
    return list(db.session.scalars(found.order_by(User.username_key).limit(count)).all())


def followers_of(viewer: User | None, user: User, before: str | None, after: str | None, count: int):
    """The people who follow somebody, the newest first: (people, newer, older), the last two as cursors or None."""
    rows = crowds.Rows(followers.c.followed_id, followers.c.follower_id, followers.c.created_at)
    return crowds.page(viewer, rows, user.id, before, after, count)


def following_of(viewer: User | None, user: User, before: str | None, after: str | None, count: int):
    """The people whom somebody follows, the newest first, as in `followers_of`."""
    rows = crowds.Rows(followers.c.follower_id, followers.c.followed_id, followers.c.created_at)
    return crowds.page(viewer, rows, user.id, before, after, count)


def followed_among(viewer: User | None, people: Sequence[User | Actor]) -> dict[int, str]:
    """Whom of these people the viewer follows, or asks to: FOLLOWING or ASKED by their ids."""
    if viewer is None or not people:
        return {}
    ids = [person.id for person in people]
    follows = sa.select(followers.c.followed_id, sa.literal(FOLLOWING)).where(
        followers.c.follower_id == viewer.id, followers.c.followed_id.in_(ids))
    asks = sa.select(FollowRequest.asked_id, sa.literal(ASKED)).where(
        FollowRequest.asker_id == viewer.id, FollowRequest.asked_id.in_(ids))
    return {id: state for id, state in db.session.execute(sa.union_all(follows, asks))}  # noqa: C416 mypy knows no rows


def suggestions(viewer: User, count: int) -> list[User]:
    """People who wrote lately and whom the viewer does not follow yet, those with most followers first."""
    newest = so.aliased(Post, sa.select(Post).order_by(Post.id.desc()).limit(POSTS_LOOKED_AT).subquery())
    lately = sa.select(newest.user_id).where(is_listed(newest)).distinct().subquery('lately')
    known = sa.exists().where(followers.c.follower_id == viewer.id, followers.c.followed_id == User.id)
    people = sa.select(User).select_from(sa.join(lately, User, User.id == lately.c.user_id)).where(
        User.id != viewer.id, ~known, is_shown(viewer)).prefix_with('STRAIGHT_JOIN', dialect='mysql')
    return list(db.session.scalars(people.order_by(User.followers_number.desc(), User.id).limit(count)).all())


def _prefix(column, key: str, count: int) -> sa.Select:
    """Ids of people whose key begins like this: a range in the index, since keys sort by code points."""
    ids = sa.select(User.id).where(column >= key, column < key + '\U0010ffff', column != '')
    return sa.select(ids.order_by(column).limit(count).subquery().c.id)
