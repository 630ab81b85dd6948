"""Hits counted in the application's database, in short transactions of their own.

A count is worth less than a request: it costs no fsync, and a database that does not answer holds nobody up for
longer than the seconds that it is given.
"""
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from time import monotonic
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.database import BRIEF_MS, was_broken_off
from app.models import RateLimit, UTCDateTime, utcnow

T = TypeVar('T')
TRIES = 3  # rows that several workers make at one moment can deadlock
CONNECTIONS = 4  # kept open; as many again while many count at once. One on SQLite, where writers take turns anyway
SKEW = timedelta(minutes=1)  # by which the clocks of several hosts may differ
PRAGMAS = ('synchronous=NORMAL', 'wal_autocheckpoint=0', 'cache_size=-100')

# Counts a hit. A window that ends later than one that begins now was made before the clock was set back.
UPSERT = """
    INSERT INTO rate_limit (bucket, hits, expires_at) VALUES (:bucket, :first, :ends) ON CONFLICT (bucket) DO UPDATE SET
    hits = CASE WHEN rate_limit.expires_at BETWEEN :now AND :latest THEN rate_limit.hits + :amount ELSE :first END,
    expires_at = CASE WHEN rate_limit.expires_at BETWEEN :now AND :latest THEN rate_limit.expires_at ELSE :ends END
"""
# Without waiting for the disk, in this transaction only: a pooler may give the connection to others afterwards.
UPSERT_POSTGRESQL = UPSERT + "RETURNING hits, set_config('synchronous_commit', 'off', true)"
# Assigned from left to right, and the hits depend on what `expires_at` was. The driver hears them as the last id.
UPSERT_MYSQL = """
    INSERT INTO rate_limit (bucket, hits, expires_at) VALUES (:bucket, LAST_INSERT_ID(:first), :ends)
    ON DUPLICATE KEY UPDATE
    hits = LAST_INSERT_ID(CASE WHEN expires_at BETWEEN :now AND :latest THEN hits + :amount ELSE :first END),
    expires_at = CASE WHEN expires_at BETWEEN :now AND :latest THEN expires_at ELSE :ends END
"""
HITS = 'SELECT hits FROM rate_limit WHERE bucket = :bucket'
TYPES: dict = {'bucket': sa.String, 'first': sa.Integer, 'amount': sa.Integer, 'now': UTCDateTime,
               'ends': UTCDateTime, 'latest': UTCDateTime}


class DatabaseCounts:
    """One row for each bucket; one statement counts a hit and begins the window, whoever else does so meanwhile."""

    def __init__(self, uri: str, seconds: int):
        self.engine, self.seconds = make_engine(uri, seconds), seconds

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What says that the database does not answer; while it connects, its driver speaks for itself."""
        return SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error, OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a hit, or give one back by a negative amount; how many the window of `expiry` seconds has now."""
        return self._again(lambda: self._count(key, timedelta(seconds=expiry), amount))

    def get(self, key: str) -> int:
        """How many hits the running window has."""
        return self._again(lambda: self._read(key)[0])

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; now when there is none."""
        return self._again(lambda: self._read(key)[1]).timestamp()

    def clear(self, key: str) -> None:
        """Forget a bucket."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(RateLimit).where(RateLimit.bucket == key))

    def reset(self) -> int:
        """Forget everything; how many buckets that were."""
        with self.engine.begin() as connection:
            return connection.execute(sa.delete(RateLimit)).rowcount

    def check(self) -> bool:
        """True when the database answers."""
        return self._again(lambda: self._read('')) is not None

    def _count(self, key: str, window: timedelta, amount: int) -> int:
        now = utcnow()
        values = {'bucket': key, 'first': max(amount, 0), 'amount': amount, 'now': now, 'ends': now + window,
                  'latest': now + window + SKEW}
        return COUNTING[self.engine.dialect.name](self.engine, values)

    def _read(self, key: str):
        now = utcnow()
        bucket = sa.select(RateLimit.hits, RateLimit.expires_at).where(RateLimit.bucket == key)
        with self.engine.connect() as connection:
            row = connection.execute(bucket.where(RateLimit.expires_at > now)).first()
        return row or (0, now)

    def _again(self, act: Callable[[], T]) -> T:
        """Run an act; again when the database gave it up or had closed the connection, but not when it is silent."""
        began = monotonic()
        for _attempt in range(TRIES - 1):
            try:
                return act()
            except DBAPIError as error:
                is_silent = monotonic() - began > self.seconds / 2
                if is_silent or not (error.connection_invalidated or was_broken_off(error)):
                    raise
        return act()


def _count_on_sqlite(engine: sa.Engine, values: dict) -> int:
    """Past SQLAlchemy, which would hold the lock for ten times as long; versions before 3.35 return nothing."""
    for name in ('now', 'ends', 'latest'):
        values[name] = values[name].replace(tzinfo=None).isoformat(' ', 'microseconds')
    pooled = engine.raw_connection()
    try:
        pooled.begin_immediate()
        pooled.execute(UPSERT, values)
        hits, = pooled.execute(HITS, values).fetchone()
        pooled.execute('COMMIT')
        return hits
    finally:
        pooled.close()  # takes back what was not committed, and lets the next one write


def _count_on_postgresql(engine: sa.Engine, values: dict) -> int:
    with engine.connect().execution_options(isolation_level='AUTOCOMMIT') as connection:
        return connection.execute(_typed(UPSERT_POSTGRESQL), values).scalar_one()


def _count_on_mysql(engine: sa.Engine, values: dict) -> int:
    with engine.connect() as connection:
        return connection.execute(_typed(UPSERT_MYSQL), values).lastrowid


@cache
def _typed(statement: str) -> sa.TextClause:
    return sa.text(statement).bindparams(*(sa.bindparam(name, type_=type) for name, type in TYPES.items()))


COUNTING = {'sqlite': _count_on_sqlite, 'postgresql': _count_on_postgresql, 'mysql': _count_on_mysql}


def make_engine(url: str, seconds: int) -> sa.Engine:
    """A few connections for counting, none of which waits longer."""
    kind = make_url(url).get_backend_name()
    size, more = (1, 0) if kind == 'sqlite' else (CONNECTIONS, CONNECTIONS)
    options: dict = {'hide_parameters': True, 'poolclass': sa.QueuePool, 'pool_size': size, 'max_overflow': more,
                     'pool_timeout': seconds}
    if kind == 'postgresql':
        options |= {'pool_recycle': 1800, 'connect_args': {
            'connect_timeout': 2 * seconds, 'patience': seconds}}  # libpq knows no less
    if kind == 'mysql':
        options |= {'pool_recycle': 1800, 'isolation_level': 'AUTOCOMMIT', 'connect_args': {
            'charset': 'utf8mb4', 'connect_timeout': seconds, 'patience': seconds, 'write_timeout': seconds,
            'init_command': f'SET innodb_lock_wait_timeout={seconds}'}}
    engine = sa.create_engine(url, **options)
    if kind == 'sqlite':
        sa.event.listen(engine, 'connect', partial(_hurry, seconds))
    if kind == 'postgresql':
        sa.event.listen(engine, 'connect', _count_by_itself)
    return engine


def _hurry(seconds: int, connection: sqlite3.Connection, record) -> None:
    """What a count needs of SQLite; said after what `app.database` says to every connection."""
    for pragma in (f'busy_timeout={BRIEF_MS * seconds}', *PRAGMAS):
        connection.execute(f'PRAGMA {pragma}')


def _count_by_itself(connection, record) -> None:
    """Here a statement that is a transaction by itself is no check of an idle connection."""
    connection.ping_patience = connection.page_patience
