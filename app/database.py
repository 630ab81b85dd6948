"""How the three databases are spoken to: SQLite's transactions and pragmas, and what an error means.

pysqlite's own transactions let a savepoint survive an outer rollback, and a deferred BEGIN fails at once on the
first write after a read. Here statements before the first write run in autocommit, and BEGIN IMMEDIATE comes right
before the first write, so that writers queue and a page never holds the lock while it hashes or renders.
"""
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from app import patience
from app.listening import listens_for
from app.turns import PoliteConnection

T = TypeVar('T')
WRITES = ('INSERT', 'UPDATE', 'DELETE', 'REPLACE')
PRAGMAS = ('journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON', 'cache_size=-4000')  # kB: twice the default
CONNECTIONS = 20
# Of SQLite's each may hold 4 MB of pages: one for the request and one for the task that are mostly worked on at a time,
# see turnstile.py; whatever comes besides has a connection of its own, which is closed after it.
KEPT, KEPT_SQLITE = 10, 2
BRIEF_MS = 250
BUSY_MS = 4000  # so that a page says within 5 s that it cannot, on a busy machine too
CONNECT_SECONDS = 4
LOCK_SECONDS = 4  # for a row that another connection holds
LOCKS = ' FOR ', ' LOCK '  # FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE
BROKEN_OFF = {'40P01', '40001', 1213}  # deadlock (PostgreSQL), serialisation, deadlock (MariaDB)


def engine_options(url: str) -> dict:
    """What SQLAlchemy's engine needs for this kind of database, besides the address."""
    address = make_url(url)
    kind = address.get_backend_name()
    options: dict = {'hide_parameters': True}  # an error must not carry what people typed into the log
    if kind == 'sqlite' and address.database in (None, '', ':memory:'):
        return options
    # The connection used last comes first: its cache is warm, and the others need none.
    kept = KEPT_SQLITE if kind == 'sqlite' else KEPT
    options |= {'pool_size': kept, 'max_overflow': CONNECTIONS - kept, 'pool_timeout': CONNECT_SECONDS,
                'pool_use_lifo': True}
    if kind == 'sqlite':
        return options
    options |= {'pool_pre_ping': True, 'pool_recycle': 1800, 'connect_args': {
        'connect_timeout': CONNECT_SECONDS, 'patience': patience.PAGE_SECONDS}}
    if kind == 'mysql':
        options['isolation_level'] = 'READ COMMITTED'
        options['connect_args'] |= {
            'charset': 'utf8mb4', 'write_timeout': 30,
            'init_command': f'SET innodb_lock_wait_timeout={LOCK_SECONDS}, lock_wait_timeout={LOCK_SECONDS}'}
    return options


def is_near(url: str) -> bool:
    """True where the database works in this process or on this machine, so that its answers take no way."""
    address = make_url(url)
    host = str(address.host or address.query.get('host', ''))
    return host in ('', 'localhost', '127.0.0.1', '::1') or host.startswith('/')


def was_broken_off(error: DBAPIError) -> bool:
    """True when the database gave up the whole transaction and the same act may simply run once more."""
    return _code(root(error)) in BROKEN_OFF


def again_when_broken_off(session, act: Callable[[], T]) -> T:
    """Run an act; once more, from the beginning, when the database broke it off."""
    try:
        return act()
    except DBAPIError as error:
        if not was_broken_off(error):
            raise
        session.rollback()
        return act()


def root(error: DBAPIError) -> DBAPIError:
    """The fault itself: one that ends the whole transaction lets the return to its savepoint fail as well."""
    said = str(error.orig).lower()
    before: BaseException | None = error if 'savepoint' in said else None
    while before is not None:
        before = before.__cause__ or before.__context__
        if isinstance(before, DBAPIError) and before.orig is not error.orig:
            return before
    return error


def says(error: Exception) -> str:
    """What the database or its driver says, in one line and without numbers for programs."""
    own = getattr(error, 'orig', error)
    said = own.args[-1] if own.args else ''
    return ' '.join(str(said or own).split())


def is_unavailable(error: DBAPIError) -> bool:
    """True when the database does not answer, is locked for too long or broke the act off; false for our own faults."""
    error = root(error)
    code = _code(error)
    if error.connection_invalidated or code in BROKEN_OFF:
        return True
    if isinstance(error.orig, sqlite3.OperationalError):
        primary = (getattr(error.orig, 'sqlite_errorcode', 0) or 0) & 0xff
        return primary in _SQLITE_UNAVAILABLE
    if isinstance(code, str):  # SQLSTATE: connection, resources, operator intervention, system; lock not available
        return code[:2] in ('08', '53', '57', '58') or code == '55P03'
    if isinstance(code, int):  # MariaDB: 2xxx from the client, then locks, connections, disk, read-only
        return 2000 <= code < 3000 or code in _MARIADB_UNAVAILABLE
    names = {kind.__name__ for kind in type(error.orig).__mro__}  # without a code it is the driver that speaks
    return code is None and not names.isdisjoint(('OperationalError', 'InternalError'))


_MARIADB_UNAVAILABLE = {0, 1021, 1040, 1053, 1114, 1203, 1205, 1290, 1317, 1836, 1927, 1969, 3024}
_SQLITE_UNAVAILABLE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
                       sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
                       sqlite3.SQLITE_INTERRUPT}


def _code(error: DBAPIError):
    """The database's own code: an SQLSTATE string (PostgreSQL), a number (MariaDB), or None."""
    args = getattr(error.orig, 'args', ())
    if args and isinstance(args[0], int):  # MariaDB; its driver has an SQLSTATE too, but one for many faults
        return args[0]
    return getattr(error.orig, 'sqlstate', None) or None


@listens_for(Engine, 'connect')
def _set_pragmas(connection, record):
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    connection.execute(f'PRAGMA busy_timeout={BUSY_MS}')
    for pragma in PRAGMAS:
        connection.execute(f'PRAGMA {pragma}')


@listens_for(Engine, 'connect')
def _limit_waiting(connection, record):
    """What PostgreSQL is told: it waits for ever otherwise. Not every pooler takes it with the address."""
    if type(connection).__module__.startswith('psycopg'):
        connection.autocommit = True
        connection.execute(f'SET lock_timeout={LOCK_SECONDS * 1000}')
        connection.execute('SET jit=off')  # it compiles for two seconds what runs for twenty milliseconds
        if connection.info.server_version >= 130000:  # it reads all posts of an author, of whom it expects few
            connection.execute('SET enable_incremental_sort=off')
        connection.autocommit = False


@listens_for(Engine, 'do_connect')
def _connect_with_patience(dialect, record, arguments, options):
    if dialect.name == 'sqlite':
        options['factory'] = PoliteConnection
    if 'patience' not in options:  # SQLite, or a migration, which may wait for as long as it takes
        return None
    return patience.connect(dialect.driver, arguments, options)


@listens_for(Engine, 'before_cursor_execute')
def _be_patient(conn, cursor, statement, parameters, context, executemany):
    raw = conn.connection.dbapi_connection
    if hasattr(raw, 'patience'):
        raw.patience = raw.page_patience if conn.connection.info.get('seconds') else patience.WORK_SECONDS
        raw.needs_transaction = raw.needs_transaction or not _only_reads(context, statement)


def _only_reads(context, text: str) -> bool:
    """True for what SQLAlchemy has built as a SELECT that locks nothing; of text nobody knows."""
    statement = getattr(getattr(context, 'compiled', None), 'statement', None)
    is_built = getattr(statement, 'is_select', False) and not getattr(statement, 'is_text', False)
    return is_built and not any(lock in text for lock in LOCKS)


@listens_for(Engine, 'before_cursor_execute')
def _begin_before_a_write(conn, cursor, statement, parameters, context, executemany):
    if conn.dialect.name == 'sqlite' and statement.lstrip()[:7].upper().startswith(WRITES):
        begin_immediate(conn)


@listens_for(Engine, 'savepoint')
def _begin_before_a_savepoint(conn, name):
    if conn.dialect.name == 'sqlite':
        begin_immediate(conn)


@contextmanager
def impatient(conn) -> Iterator[None]:
    """Wait only a moment for SQLite's write lock while the block runs."""
    raw = conn.connection.dbapi_connection
    is_sqlite = isinstance(raw, sqlite3.Connection)
    if is_sqlite:
        raw.execute(f'PRAGMA busy_timeout={BRIEF_MS}')
    try:
        yield
    finally:
        if is_sqlite:
            raw.execute(f'PRAGMA busy_timeout={BUSY_MS}')


def begin_immediate(conn) -> None:
    """Take SQLite's write lock now, unless this transaction already has it."""
    raw = conn.connection.dbapi_connection
    if raw.in_transaction:
        return
    try:
        raw.begin_immediate()
    except sqlite3.OperationalError as error:  # outside of its own statements SQLAlchemy wraps nothing
        raise OperationalError('BEGIN IMMEDIATE', None, error) from error
