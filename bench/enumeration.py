"""`python -m bench.enumeration`: does the clock tell who has an account? Known and unknown, asked in turn."""
import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import make_url

import config
from bench.faults.browsers import Browser
from bench.faults.databases import SQLite
from bench.faults.site import PEOPLE, Site
from tests.base import PASSWORD
from tests.mailbox import Mailbox

PAIRS = 60
WARM_UP = 5  # pairs that are not counted: imports, caches, the first connections
ALLOWED_SECONDS, ALLOWED_SHARE = 0.010, 0.15  # whichever is more


@dataclass
class Row:
    """A line of the table; all times in seconds."""

    form: str
    known: float
    unknown: float

    @property
    def is_equal(self) -> bool:
        """True when nobody could tell the two apart."""
        return abs(self.known - self.unknown) <= max(ALLOWED_SECONDS, ALLOWED_SHARE * max(self.known, self.unknown))

    def __str__(self) -> str:
        known, unknown = self.known * 1000, self.unknown * 1000
        verdict = 'equal' if self.is_equal else 'DIFFERENT'
        return f'{self.form:<18} {known:8.1f} {unknown:10.1f} {known - unknown:+8.1f} {verdict:>10}'


def log_in(who: str, number: int) -> tuple[str, dict[str, str]]:
    """A wrong password, by name."""
    return '/auth/login', {'username': who, 'password': f'wrong words {number}'}


def log_in_by_address(who: str, number: int) -> tuple[str, dict[str, str]]:
    """A wrong password, by address."""
    return '/auth/login', {'username': f'{who}@example.com', 'password': f'wrong words {number}'}


def reset(who: str, number: int) -> tuple[str, dict[str, str]]:
    """The wish for a new password."""
    return '/auth/reset_password_request', {'email': f'{who}@example.com'}


def register(who: str, number: int) -> tuple[str, dict[str, str]]:
    """A new account under a free name."""
    return '/auth/register', {'username': f'new{number}', 'email': f'{who}@example.com', 'password': PASSWORD,
                              'password2': PASSWORD}


FORMS = {'log-in, name': log_in, 'log-in, address': log_in_by_address, 'reset': reset, 'registration': register}


def main() -> int:
    """Measure all forms on one database."""
    parser = argparse.ArgumentParser(prog='python -m bench.enumeration', description=__doc__)
    parser.add_argument('--database', default=os.environ.get('DATABASE_URL'), metavar='URL',
                        help='a server on which a scratch database is made (default: DATABASE_URL, else SQLite)')
    parser.add_argument('--pairs', type=int, default=PAIRS, help=f'of questions for each form (default: {PAIRS})')
    wanted = parser.parse_args()
    with scratch_database(wanted.database) as database, postal_site(database) as site:
        rows = [Row(name, *measure(site, form, wanted.pairs)) for name, form in FORMS.items()]
    print(f'{make_url(database.url).get_backend_name()}, {wanted.pairs} pairs, medians in ms')
    print(f'{"":<18} {"known":>8} {"unknown":>10} {"":>8}')
    print(*rows, sep='\n')
    return 0 if all(row.is_equal for row in rows) else 1


def measure(site: Site, form, pairs: int) -> tuple[float, float]:
    """The medians for known and unknown people, who are asked about in turn and in an order of chance."""
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for number in range(WARM_UP + pairs):
        order = [True, False]
        random.shuffle(order)
        for is_known in order:
            who = PEOPLE[number % len(PEOPLE)] if is_known else f'nob{time.monotonic_ns() % 10 ** 9}'
            taken = ask(site, *form(who, time.monotonic_ns() % 10 ** 12))
            if number >= WARM_UP:
                seconds[is_known].append(taken)
    return statistics.median(seconds[True]), statistics.median(seconds[False])


def ask(site: Site, path: str, fields: dict[str, str]) -> float:
    """How long a new visitor waits for the answer to a form; opening its page is not counted."""
    browser = Browser(site.port)
    hidden = browser.form(path)
    answer = browser.post(path, {**hidden, **fields})
    browser.close()
    if answer.status not in (200, 302) or (answer.status == 200) != ('login' in path):
        raise RuntimeError(f'{path} answers {answer.status}: {answer.text[:300]}')
    return answer.seconds


@contextmanager
def postal_site(database) -> Iterator[Site]:
    """The site as in production, with a real mail server and without limits."""
    mailbox = Mailbox()
    site = Site(database, workers=1, MAIL_SERVER='127.0.0.1', MAIL_PORT=str(mailbox.port), RATELIMIT_ENABLED='off')
    try:
        yield site
    finally:
        site.remove()
        mailbox.stop()


class Given:
    """A database of our own on a server that runs anyway."""

    def __init__(self, server: str):
        self.server = make_url(config.rewrite(server))
        self.name = f'enumeration_{os.getpid()}'
        self.url = self.server.set(database=self.name).render_as_string(hide_password=False)
        self.operate(f'CREATE DATABASE {self.name}')

    def operate(self, statement: str) -> None:
        """Run a statement outside of a transaction."""
        engine = sa.create_engine(self.server, isolation_level='AUTOCOMMIT', poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def remove(self) -> None:
        """Leave nothing behind."""
        self.operate(f'DROP DATABASE {self.name}')


@contextmanager
def scratch_database(server: str | None) -> Iterator[Given | SQLite]:
    """A new database: on a server, or in a file."""
    is_server = server and not server.startswith('sqlite')
    database = Given(server) if server and is_server else SQLite()
    try:
        yield database
    finally:
        database.remove()


if __name__ == '__main__':
    sys.exit(main())
