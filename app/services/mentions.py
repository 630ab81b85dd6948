"""Who is named in a post: noted when it is published, and told."""
from functools import cache
from typing import Any

import sqlalchemy as sa

from app import email
from app.extensions import db
from app.models import Mention, Notification, NotificationChoice, Post, User, UTCDateTime, username_key, utcnow
from app.policies.notifications import KINDS
from app.queries import people
from app.queries.notifications import ACTOR, KIND, PEOPLE, POST, listening
from app.services import letters, notifications
from app.text.scanning import names

MENTION = 'mention'
MOST_TOLD = 20  # people for one post; the others find their names when they read it


def named(author: User, body: str) -> list[int]:
    """The ids of the people whom a text names, by the name they have or had, in its order."""
    keys = [username_key(name) for name in names(body)]
    ids = people.ids_of(author, set(keys))
    return list(dict.fromkeys(ids[key] for key in keys if key in ids))


def note(post: Post, people: list[int]) -> None:
    """Note that a post names these people, who are locked."""
    if people:
        db.session.execute(_noting(), {'post': post.id, 'author': post.user_id, 'people': people})


def tell(post: Post, people: list[int]) -> None:
    """Let the first of them know, if they want to hear of it, as `notifications.tell` does.

    They are locked, and nobody was told of a new post before: so they need not be read, but for letters.
    """
    told = [id for id in people[:MOST_TOLD] if id != post.user_id]
    if not told:
        return
    site, mail = KINDS[MENTION]
    values = {'people': told, 'kind': MENTION, 'actor': post.user_id, 'post': post.id}
    db.session.execute(_telling(), values | {'now': utcnow(), 'site': site, 'mail': mail})
    db.session.execute(_counting(), values, execution_options={'synchronize_session': False})
    notifications.remove_surplus(told, MENTION)
    if email.is_configured():
        for row in db.session.scalars(_by_mail(), values | {'mail': mail}):
            letters.send_news_later(row)


@cache
def _noting() -> sa.Insert:
    """Built once, and one statement for all of them."""
    table: Any = Mention.__table__
    author = sa.bindparam('author', type_=sa.BigInteger)
    return sa.insert(table).from_select(['post_id', 'user_id', 'author_id'], sa.select(POST, User.id, author).where(
        User.id.in_(PEOPLE)).order_by(User.id))


@cache
def _telling() -> sa.Insert:
    table: Any = Notification.__table__
    site, mail = _chosen(NotificationChoice.site, 'site'), _chosen(NotificationChoice.mail, 'mail')
    rows = listening(User.id, KIND, ACTOR, POST, sa.bindparam('now', type_=UTCDateTime), sa.false(), site)
    columns = ['user_id', 'kind', 'actor_id', 'post_id', 'created_at', 'is_read', 'on_site']
    return sa.insert(table).from_select(columns, rows.where(sa.or_(site, mail)).order_by(User.id))


@cache
def _counting() -> sa.Update:
    """Of those who were told only who is told on the site."""
    is_told = sa.exists().where(Notification.user_id == User.id, _is_of_post(), Notification.on_site.is_(True))
    return notifications.counting().where(is_told)


@cache
def _by_mail() -> sa.Select:
    chosen = sa.and_(NotificationChoice.user_id == Notification.user_id, NotificationChoice.kind == KIND)
    rows = sa.select(Notification).outerjoin(NotificationChoice, chosen)
    return rows.where(_is_of_post(), Notification.user_id.in_(PEOPLE), _chosen(NotificationChoice.mail, 'mail'))


def _is_of_post() -> sa.ColumnElement[bool]:
    return sa.and_(Notification.post_id == POST, Notification.kind == KIND, Notification.actor_id == ACTOR)


def _chosen(column: Any, way: str) -> sa.ColumnElement[bool]:
    """What somebody has chosen, else what is usual."""
    return sa.func.coalesce(column, sa.bindparam(way, type_=sa.Boolean))
