"""Telling people what concerns them: on the site, by mail, or not at all, as they wish.

Whoever changes somebody's notifications locks that person first, so that the number of unread ones is always right.
"""
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import sqlalchemy as sa

from app import email, tokens
from app.extensions import db
from app.models import (
    NO_POST,
    Notification,
    NotificationChoice,
    User,
    insert_all,
    lock_people,
    rows_changed,
)
from app.policies.notifications import KINDS, RETURNING, UNDONE, Ways, counts, is_like
from app.queries import notifications as reading
from app.queries.notifications import PEOPLE
from app.services import letters

KEPT = timedelta(days=90)
MOST = 300  # for one person of what many do, like likes, and as many of the rest; the oldest go
AT_ONCE = 500  # people who are locked together

_tellings = count()


def tell(user_id: int, kind: str, *, actor_id: int | None = None, post_id: int | None = None) -> None:
    """Let somebody know, in the act's own transaction; the same again changes nothing until it was read.

    Nobody is told of what they do themselves: without an actor it is the site, or somebody unknown, that did it. Nor
    is anybody told of people they have blocked or muted, or of a conversation that they have muted.
    """
    tell_all([user_id], kind, actor_id=actor_id, post_id=post_id)


def tell_all(user_ids: Collection[int], kind: str, *, actor_id: int | None = None, post_id: int | None = None) -> None:
    """Let several people know of the same; it costs as many statements as for one."""
    people, actors = {*user_ids} - {actor_id}, {actor_id} if actor_id else set[int]()
    if not people or not _lock_all(people, actors):
        return
    listeners = reading.listeners(people, kind, actor_id, post_id)
    known = _told_before(listeners, kind, actor_id, post_id)
    _tell({id: ways for id, ways in listeners.items() if id not in known}, kind, actor_id, post_id)


def take_back(user_id: int, kind: str, *, actor_id: int, post_id: int | None = None) -> None:
    """Show somebody no more what was undone. Done again, it is shown again, but not as news: nobody is told twice."""
    if lock_people(user_id):
        taken = sa.update(Notification).where(
            Notification.user_id == user_id, Notification.kind == kind, Notification.actor_id == actor_id,
            Notification.post_id == (post_id or NO_POST))
        if rows_changed(taken.values(is_read=True, on_site=False)):
            _recount([user_id])


def told_of_post(post_id: int) -> list[int]:
    """The ids of those who were told of a post, to be locked before it is deleted."""
    return list(db.session.scalars(sa.select(Notification.user_id).where(Notification.post_id == post_id).distinct()))


def forget_post(post_id: int, people: Collection[int]) -> None:
    """Remove what these people, who are locked, were told of a post that is being deleted."""
    rows_changed(sa.delete(Notification).where(Notification.post_id == post_id, Notification.user_id.in_(people)))
    _recount(people)


def see(user_id: int, ids: Collection[int]) -> None:
    """Note that somebody has looked at these."""
    _read(user_id, Notification.id.in_(ids))


def see_about(user_id: int, kind: str, *, actor_id: int) -> None:
    """Note that somebody has looked at what they were told of and no post says: at the messages of a person, say."""
    _read(user_id, sa.and_(Notification.post_id == NO_POST, Notification.kind == kind,
                           Notification.actor_id == actor_id))


def see_hidden(user_id: int, moment: datetime) -> None:
    """Count nothing any more that came before a moment: what is new of it, its person may not see any more."""
    _read(user_id, Notification.created_at < moment)


def see_by(user_id: int, actor_id: int) -> None:
    """Note that somebody wants to look at nothing that a person did."""
    _read(user_id, Notification.actor_id == actor_id)


def of_unsubscribe_token(token: str) -> tuple[User, str] | None:
    """The person whose mails a link is to end, and which kind of them; None when it is not good (any more)."""
    claims = tokens.read('unsubscribe', token) or {}
    user, kind = db.session.get(User, claims.get('unsubscribe', 0)), claims.get('kind')
    return (user, kind) if user is not None and kind in KINDS else None


def refuse_mail(user: User, kind: str) -> None:
    """Send no mail of this kind any more, as a link in one of them asks."""
    choose(user, {kind: reading.ways(user.id)[kind]._replace(mail=False)})


def see_all(user: User) -> None:
    """Mark everything as read."""
    _read(user.id, sa.true())


def choose(user: User, chosen: dict[str, Ways]) -> None:
    """Say where one wants to hear of each of these kinds."""
    if not lock_people(user.id):
        return
    rows_changed(sa.delete(NotificationChoice).where(NotificationChoice.user_id == user.id,
                                                     NotificationChoice.kind.in_(chosen)))
    db.session.add_all(NotificationChoice(user_id=user.id, kind=kind, site=ways.site, mail=ways.mail)
                       for kind, ways in chosen.items() if ways != KINDS[kind])


def told_by(actor: User) -> sa.Select:
    """The ids of those who were told of something that this person did, and have not read it."""
    unread = sa.select(Notification.user_id).where(Notification.actor_id == actor.id, Notification.is_read.is_(False))
    return unread.distinct()


def silence(actor: User) -> None:
    """Count nothing any more that this person did; whoever was told of it is locked already."""
    people = db.session.scalars(told_by(actor)).all()
    rows_changed(sa.update(Notification).where(Notification.actor_id == actor.id).values(is_read=True))
    for start in range(0, len(people), AT_ONCE):
        _recount(people[start:start + AT_ONCE])


def forget_each_other(one_id: int, other_id: int) -> None:
    """Remove what two people were told of each other; both are locked."""
    pairs = [(one_id, other_id), (other_id, one_id)]
    if rows_changed(sa.delete(Notification).where(sa.or_(*(
            sa.and_(Notification.user_id == user_id, Notification.actor_id == actor_id)
            for user_id, actor_id in pairs)))):
        _recount([one_id, other_id])


def remove_old(now: datetime, count: int) -> bool:
    """Remove what is too old, `count` rows of it; True when there may be more."""
    old = sa.select(Notification.id, Notification.user_id).where(Notification.created_at < now - KEPT)
    rows = db.session.execute(old.order_by(Notification.created_at).limit(count)).all()
    people = {user_id for _id, user_id in rows}
    lock_people(*people)
    rows_changed(sa.delete(Notification).where(Notification.id.in_([id for id, _user_id in rows])))
    _recount(people)
    return len(rows) == count


def remove_surplus(people: list[int], kind: str) -> None:
    """Let the oldest go where these people were told too many.

    Whether they were is asked only now and then: to walk over all that somebody was told takes longer than to tell it.
    """
    too_many = reading.too_many(people, kind, MOST) if next(_tellings) % max(MOST // 20, 1) == 0 else []
    for user_id, last in too_many:
        db.session.execute(_forgetting(kind), {'person': user_id, 'last': last})
    if too_many:
        _recount([user_id for user_id, _last in too_many])


@cache
def counting() -> sa.Update:
    """Counts one thing more for each of :people; built once."""
    news = sa.update(User).where(User.id.in_(PEOPLE))
    return news.values(unread_notifications=User.unread_notifications + 1)


def _tell(people: dict[int, Ways], kind: str, actor_id: int | None, post_id: int | None) -> None:
    if not people:
        return
    insert_all(Notification, [
        {'user_id': id, 'kind': kind, 'actor_id': actor_id or id, 'post_id': post_id or NO_POST, 'on_site': ways.site}
        for id, ways in people.items()])
    _count_news([id for id, ways in people.items() if ways.site], kind)
    by_mail = [id for id, ways in people.items() if ways.mail]
    if by_mail and email.is_configured():
        for row in db.session.scalars(sa.select(Notification).where(_same(by_mail, kind, actor_id, post_id))):
            letters.send_news_later(row)


def _lock_all(people: set[int], actors: set[int]) -> bool:
    """Lock everybody in one order; False when who did it was deleted meanwhile."""
    everybody = people | actors
    return lock_people(*everybody) == len(everybody) or lock_people(*actors) == len(actors)


def _told_before(people: dict[int, Ways], kind: str, actor_id: int | None, post_id: int | None) -> set[int]:
    """Which of these people need not be told: they were, and if it is of a kind that returns, have not read it yet."""
    if kind in RETURNING:
        same = _same(people, kind, actor_id, post_id)
        rows_changed(sa.delete(Notification).where(same, Notification.is_read.is_(True)))
    values = {'people': list(people), 'kind': kind, 'post': post_id or NO_POST}
    rows = db.session.execute(_telling(actor_id is None), values | ({'actor': actor_id} if actor_id else {})).all()
    hidden = [id for user_id, id, on_site in rows if people[user_id].site and not on_site]
    if hidden and kind in UNDONE:  # what was taken back is there again
        rows_changed(sa.update(Notification).where(Notification.id.in_(hidden)).values(on_site=True, is_read=True))
    return {user_id for user_id, _id, _on_site in rows}


@cache
def _telling(is_own: bool) -> sa.Select:
    """What these people were told of just this, built once."""
    actor: Any = Notification.user_id if is_own else sa.bindparam('actor', type_=sa.BigInteger)
    same = sa.and_(Notification.user_id.in_(sa.bindparam('people', expanding=True)),
                   Notification.kind == sa.bindparam('kind'), Notification.post_id == sa.bindparam('post'),
                   Notification.actor_id == actor)
    return sa.select(Notification.user_id, Notification.id, Notification.on_site).where(same)


def _same(people: Collection[int], kind: str, actor_id: int | None, post_id: int | None) -> sa.ColumnElement[bool]:
    actor = Notification.user_id if actor_id is None else actor_id
    return sa.and_(Notification.user_id.in_(people), Notification.kind == kind, Notification.actor_id == actor,
                   Notification.post_id == (post_id or NO_POST))


def _count_news(people: list[int], kind: str) -> None:
    """Count what each of these people was told."""
    if people:
        db.session.execute(counting(), {'people': people}, execution_options={'synchronize_session': False})
        remove_surplus(people, kind)


@cache
def _forgetting(kind: str) -> sa.Delete:
    table: Any = Notification.__table__
    return sa.delete(table).where(table.c.user_id == sa.bindparam('person', type_=sa.BigInteger), is_like(kind),
                                  table.c.id <= sa.bindparam('last', type_=sa.BigInteger))


def _read(user_id: int, which: sa.ColumnElement[bool]) -> None:
    lock_people(user_id)
    unread = sa.update(Notification).where(Notification.user_id == user_id, Notification.is_read.is_(False), which)
    if rows_changed(unread.values(is_read=True)):
        _recount([user_id])


def _recount(people: Collection[int]) -> None:
    """Count what is unread, for people who are locked."""
    db.session.execute(_recounting(), {'people': list(people)}, execution_options={'synchronize_session': False})


@cache
def _recounting() -> sa.Update:
    unread = sa.select(sa.func.count()).select_from(Notification).where(
        Notification.user_id == User.id, counts())
    return sa.update(User).where(User.id.in_(PEOPLE)).values(
        unread_notifications=unread.correlate(User).scalar_subquery())
