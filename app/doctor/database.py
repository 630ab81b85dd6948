"""The database: its version, what it promises about writing, its schema, and its clock."""
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from app.doctor.finding import Finding, fault, fine, note
from app.extensions import db
from app.models import utcnow
from app.queries import site

OLDEST = {'sqlite': (3, 35), 'postgresql': (12,), 'mysql': (8,), 'mariadb': (10, 5)}
PACKET = 16 * 2**20  # bytes: a piece of an export goes in one statement
AHEAD_SECONDS = 2.0
# What has to be so, and what it is good for.
PROMISES = {
    'sqlite': (('PRAGMA journal_mode', 'wal', 'people can read while somebody writes'),
               ('PRAGMA synchronous', '2', 'what was answered is on the disk'),
               ('PRAGMA foreign_keys', '1', 'no row loses its parent')),
    'postgresql': (('SHOW server_encoding', 'UTF8', 'every script can be written'),
                   ('SHOW fsync', 'on', 'a power cut destroys nothing'),
                   ('SHOW full_page_writes', 'on', 'a power cut destroys nothing'),
                   ('SHOW synchronous_commit', 'on', 'what was answered is on the disk'),
                   ('SHOW transaction_isolation', 'read committed', 'writers do not break each other off')),
    'mysql': (('SELECT @@character_set_database', 'utf8mb4', 'every script and emoji can be written'),
              ('SELECT @@character_set_connection', 'utf8mb4', 'every script and emoji can be written'),
              ('SELECT @@innodb_flush_log_at_trx_commit', '1', 'what was answered is on the disk'),
              ("SELECT @@sql_mode LIKE '%STRICT_TRANS_TABLES%'", '1', 'nothing is cut short without a word')),
}


def check() -> Iterator[Finding]:
    """The database itself."""
    dialect = db.engine.dialect
    version = site.server_version()
    name = 'mariadb' if getattr(dialect, 'is_mariadb', False) else dialect.name
    said = f'{name} {".".join(map(str, version))}'
    if version < OLDEST[name]:
        yield fault('database', f'{said} is too old: it takes {".".join(map(str, OLDEST[name]))} or newer.')
    else:
        yield fine('database', said)
    for question, wanted, reason in PROMISES[dialect.name]:
        yield from _check_promise(question, wanted, reason)
    if dialect.name == 'mysql' and (found := int(_ask('SELECT @@max_allowed_packet'))) < PACKET:
        yield fault('database', f'max_allowed_packet is {found}, but has to be {PACKET} or more.')
    if site.schema() == 'ok':
        yield fine('schema', 'it is that of this release')
    else:
        yield fault('schema', 'It is not that of this release: run "flask db upgrade".')


def check_clock() -> Iterator[Finding]:
    """Whether this machine and the database agree on the time, and nothing was written in the future."""
    ahead = site.newest_moment() - utcnow().timestamp()
    if ahead > AHEAD_SECONDS:
        yield fault('clock', f'The newest post is {ahead:.0f} s in the future: the clock of this machine, or of '
                             'another one that serves the site, is wrong. Let all of them run an NTP service.')
    if db.engine.dialect.name != 'sqlite':
        question = 'SELECT extract(epoch FROM clock_timestamp())' if db.engine.dialect.name == 'postgresql' else (
            'SELECT unix_timestamp(now(6))')
        apart = float(_ask(question)) - datetime.now(UTC).timestamp()
        if abs(apart) > AHEAD_SECONDS:
            yield fault('clock', f'The clocks of this machine and of the database are {abs(apart):.1f} s apart.')
        else:
            yield fine('clock', 'this machine and the database agree')
    elif ahead <= AHEAD_SECONDS:
        yield fine('clock', 'nothing was written in the future')


def _check_promise(question: str, wanted: str, reason: str) -> Iterator[Finding]:
    found, name = _ask(question), re.findall('[a-z_]{5,}', question)[0]
    if found.lower() == wanted.lower():
        yield fine('database', f'{name} is {found}: {reason}')
    elif name == 'synchronous_commit' and found in ('remote_write', 'remote_apply', 'local'):
        yield note('database', f'{name} is {found}')
    else:
        yield fault('database', f'{name} is {found}, but has to be {wanted}, so that {reason}.')


def _ask(question: str) -> str:
    return str(db.session.execute(sa.text(question)).scalar())
