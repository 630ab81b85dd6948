"""The letters that the site writes. Each is a job, so that its links are made only when it is sent."""
from collections.abc import Callable, Iterable
from datetime import timedelta

import sqlalchemy as sa
from flask import url_for

from app import email, events, tokens
from app.extensions import db
from app.models import Notification, User, email_key, new_stamp, utcnow
from app.queries import notifications as reading
from app.services import places
from app.tasks import enqueue, job

DAY = 24 * 3600
YEAR = 365 * DAY
# Who reads it on the site meanwhile gets no mail.
LOOK_FIRST = {'message': timedelta(minutes=1), 'reply': timedelta(minutes=5), 'mention': timedelta(minutes=5)}


def send_later(letter: Callable, user: User, **arguments) -> None:
    """Write this letter to a person after the commit."""
    enqueue(letter, user_id=user.id, recipient=user.id, **arguments)


def send_reset_link(address: str) -> None:
    """Write to whoever has this address; it is looked up later, so the answer takes the same time for nobody's."""
    enqueue(reset_password, address=address, origin=events.origin())


def tell_password_changed(user: User) -> None:
    """Tell a person that their password is a new one, when the site can."""
    if email.is_configured():
        send_later(password_changed, user)


def send_news_later(row: Notification) -> None:
    """Write to a person what they were told, unless they read it on the site before."""
    enqueue(news, user_id=row.user_id, run_after=utcnow() + LOOK_FIRST.get(row.kind, timedelta()),
            recipient=row.user_id, told=row.id)


@job
def reset_password(address: str, origin: Iterable[str] = ()) -> None:
    """The link that sets a new password; for nobody a letter that goes nowhere.

    It is written all the same: pages that are answered meanwhile are as slow for a letter to nobody.
    """
    found = db.session.scalar(sa.select(User).where(User.email_key == email_key(address)))
    user = found or User(id=0, username='nobody', email=address, security_stamp=new_stamp())
    link = url_for('auth.reset_password', token=user.get_reset_password_token(), _external=True)
    if found is None or not found.is_active:
        email.draft(user, 'reset_password', link=link)
        return
    events.come_from(*origin)
    email.write(found, 'reset_password', link=link)
    events.record('reset_link_sent', found)  # only now: SQLite would be locked while the mail server thinks


@job
def confirm_email(recipient: int) -> None:
    """The link that confirms the address of a new account."""
    user = db.session.get(User, recipient)
    if user is None or user.is_confirmed:
        return
    claims = {'confirm_email': user.id, 'stamp': tokens.fingerprint(user.security_stamp, user.email_key)}
    token = tokens.sign('confirm_email', claims, DAY)
    link = url_for('auth.confirm', token=token, _external=True)
    email.write(user, 'confirm_email', link=link)


@job
def address_taken(recipient: int) -> None:
    """Somebody tried to register with an address that has an account."""
    user = db.session.get(User, recipient)
    if user is not None:
        link = url_for('auth.reset_password_request', _external=True)
        email.tell(user, 'address_taken', link=link)


@job
def password_changed(recipient: int) -> None:
    """The password is a new one."""
    user = db.session.get(User, recipient)
    if user is not None:
        link = url_for('auth.reset_password_request', _external=True)
        email.tell(user, 'password_changed', link=link)


@job
def email_change(recipient: int, address: str) -> None:
    """The link that makes a new address the account's; it goes to the new address."""
    user = db.session.get(User, recipient)
    if user is None:
        return
    claims = {'change_email': user.id, 'email': address, 'stamp': tokens.fingerprint(user.security_stamp)}
    token = tokens.sign('change_email', claims, DAY)
    link = url_for('auth.change_email', token=token, _external=True)
    email.write(user, 'email_change', to=address, link=link, address=address)


@job
def email_changed(recipient: int, old: str) -> None:
    """The account has a new address; this goes to the old one."""
    user = db.session.get(User, recipient)
    if user is not None:
        email.tell(user, 'email_changed', to=old)


@job
def post_removed(recipient: int, body: str, reason: str) -> None:
    """A post of theirs was removed, and why."""
    user = db.session.get(User, recipient)
    if user is not None:
        email.tell(user, 'post_removed', body=body, reason=reason)


@job
def news(recipient: int, told: int) -> None:
    """What a person was told, if they have not read it and still want to hear of it by mail."""
    user = db.session.get(User, recipient)
    row = reading.unread(user, told) if user is not None and user.is_active and user.is_confirmed else None
    if user is None or row is None or not reading.ways(user.id)[row.kind].mail:
        return
    token = tokens.sign('unsubscribe', {'unsubscribe': user.id, 'kind': row.kind}, YEAR)
    stop = url_for('notifications.unsubscribe', token=token, _external=True)
    headers = {'List-Unsubscribe': f'<{stop}>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click'}  # RFC 8058
    email.tell(user, 'news', headers=headers, row=row, link=places.of(row, _external=True), stop=stop)
