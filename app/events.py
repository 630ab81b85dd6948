"""Security events: what happened to whom, from where, in which request; a line in the log, a row for its owner.

None has a secret, nor what somebody typed as a name that nobody has: people type passwords there. A line is one
record of the form key=value, and its values are words of our own or quoted, so that nobody can forge one.
"""
import json
import logging
import re
from typing import NamedTuple

import sqlalchemy as sa
import sqlalchemy.orm as so
from flask import g

from app import metrics
from app.devices import describe
from app.extensions import db
from app.listening import listens_for
from app.models import Event, User, add_once

COMMAND_LINE = 'command line'

_log = logging.getLogger('app.events')  # written where the application's log is
_BARE = re.compile(r'[A-Za-z0-9_.:/-]+')


class Origin(NamedTuple):
    """Where a request came from; empty for what the site does by itself."""

    address: str = ''
    browser: str = ''
    request_id: str = ''


def come_from(address: str, browser: str = '', request_id: str = '') -> None:
    """Say where everything comes from that happens in this context."""
    g.origin = Origin(address[:45], browser[:255], request_id[:14])


def origin() -> Origin:
    """Where the request at hand came from."""
    return g.get('origin') or Origin()


def record(kind: str, user: User | None = None, reason: str = '', **details) -> None:
    """Note an event in the act's own transaction: a row for its owner, and a line once it is committed."""
    row = Event(user_id=_id(user), kind=kind, reason=reason, **origin()._asdict())
    add_once(row)  # not at all for who is deleted at this moment
    log_later(kind, user, **details)


def log_later(kind: str, user: User | None = None, **details) -> None:
    """Write only the line, once the open transaction is committed."""
    db.session.info.setdefault('events', []).append(_line(kind, user, details))


def log_now(kind: str, user: User | None = None, **details) -> None:
    """Write only the line, at once: for what was refused, where nothing will be committed."""
    _log.info('%s', _line(kind, user, details))


def _line(kind: str, user: User | None, details: dict) -> str:
    """One record: event=login user=7 from=192.0.2.1 browser="Firefox on Linux" request=0A1B-2C3D-4E5F."""
    came = origin()
    metrics.count('events', kind)
    parts = {'event': kind, 'user': _id(user) or '-', 'from': came.address or '-',
             'browser': ' on '.join(filter(None, describe(came.browser))) or '-', 'request': came.request_id or '-'}
    return ' '.join(f'{name}={_value(value)}' for name, value in {**parts, **details}.items())


def _value(value) -> str:
    text = str(value)
    return text if _BARE.fullmatch(text) else json.dumps(text[:200])


def _id(user: User | None) -> int | None:
    """The id of a person, without asking the database for it again."""
    if user is None:
        return None
    state: so.InstanceState = sa.inspect(user)
    return state.identity[0] if state.identity else user.id


@listens_for(so.Session, 'after_commit')
def _write(session: so.Session) -> None:
    if not session.in_nested_transaction():  # else a savepoint was released; nothing is committed yet
        for line in session.info.pop('events', ()):
            _log.info('%s', line)


@listens_for(so.Session, 'after_rollback')
def _forget(session: so.Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop('events', None)
