"""Connections for a backup and for a restore: without the time-outs of pages, each in one transaction of its own."""
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import current_app

from app.backup.file import BackupError
from app.database import begin_immediate, says
from app.extensions import db
from app.migrating import is_pending, revisions

TIME_OUTS = ('read_timeout', 'write_timeout', 'init_command', 'patience')
LOCK = 'microblog restore'
LOCK_NUMBER = 7_306_911_185  # the same name for PostgreSQL; the one below it is that of migrations


@contextmanager
def snapshot() -> Iterator[sa.Connection]:
    """A connection that sees the database as it is now, whatever is written meanwhile, and holds up nobody."""
    with _alone() as connection:
        kind = connection.dialect.name
        if kind == 'sqlite':
            connection.connection.dbapi_connection.execute('BEGIN')  # type: ignore[union-attr]
        elif kind == 'postgresql':
            connection.exec_driver_sql('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
        else:
            connection.exec_driver_sql('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
            connection.exec_driver_sql('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
        with _in_words(connection, 'there is no backup'):
            yield connection


@contextmanager
def changing() -> Iterator[sa.Connection]:
    """A connection in whose one transaction a site is restored, by nobody else at the time; it commits at the end."""
    with _alone() as connection:
        kind = connection.dialect.name
        if not _take_lock(connection, kind):
            raise BackupError('Another restore is running, or the database is in use; nothing was changed.')
        if kind == 'sqlite':
            connection.exec_driver_sql('PRAGMA defer_foreign_keys=ON')
        elif kind == 'mysql':
            connection.exec_driver_sql('SET foreign_key_checks=0, unique_checks=0')
        with _in_words(connection, 'nothing was changed'):
            yield connection
            connection.commit()


@contextmanager
def _in_words(connection: sa.Connection, outcome: str) -> Iterator[None]:
    """Make a BackupError of what the database says, to us or to its driver."""
    own = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except (sa.exc.DBAPIError, own) as error:
        connection.invalidate()  # nothing is asked of it again, not even to take back what it did
        raise BackupError(f'The database says: {says(error)}; {outcome}.') from error


def _take_lock(connection: sa.Connection, kind: str) -> bool:
    """Take what only one restore can have, without waiting for another one; it goes with the connection."""
    if kind == 'sqlite':
        connection.exec_driver_sql('PRAGMA busy_timeout=0')
        try:
            begin_immediate(connection)
        except sa.exc.OperationalError:
            return False
        return True
    asked = {'postgresql': f'SELECT pg_try_advisory_xact_lock({LOCK_NUMBER})',
             'mysql': f"SELECT GET_LOCK(concat('{LOCK} ', md5(database())), 0)"}  # one of the server, for all databases
    return bool(connection.exec_driver_sql(asked[kind]).scalar())


@contextmanager
def _alone() -> Iterator[sa.Connection]:
    """A new connection that nobody uses afterwards."""
    options = dict(current_app.config['SQLALCHEMY_ENGINE_OPTIONS'])
    arguments = {name: value for name, value in options.get('connect_args', {}).items() if name not in TIME_OUTS}
    engine = sa.create_engine(db.engine.url, poolclass=sa.NullPool, hide_parameters=True, connect_args=arguments)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def revision(connection: sa.Connection) -> str:
    """The revision of the schema; BackupError when there is none."""
    try:
        found = connection.exec_driver_sql('SELECT version_num FROM alembic_version').scalar()
    except sa.exc.DBAPIError:
        found = None
    if not found:
        raise BackupError('The database has no tables yet; run "flask db upgrade" first.')
    return found


def check_current(connection: sa.Connection) -> str:
    """The revision of a schema that this code knows and that is up to date; BackupError else."""
    found = revision(connection)
    if found not in revisions() or is_pending({found}):
        raise BackupError('The schema of the database is not that of this release; run "flask db upgrade" first.')
    return found
