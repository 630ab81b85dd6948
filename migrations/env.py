"""How `flask db` runs: one process at a time, whole or not at all, and on SQLite without cascading deletes."""
import logging
import os
import re
from contextlib import contextmanager, suppress
from logging.config import fileConfig
from pathlib import Path
from time import monotonic

import sqlalchemy as sa
from alembic import context
from flask import current_app

from app.database import begin_immediate, is_unavailable
from app.models import suit_database
from app.models.types import JSONText, UTCDateTime
from config import INSTANCE

LOCK = 'microblog migrations'
LOCK_NUMBER = 7_306_911_184  # the same name for PostgreSQL, whose advisory locks are numbers
WAIT_SECONDS = 60
SERVER_PATIENCE = {'postgresql': f"SET lock_timeout='{WAIT_SECONDS}s'",
                   'mysql': f'SET lock_wait_timeout={WAIT_SECONDS}, innodb_lock_wait_timeout={WAIT_SECONDS}'}
PROGRESS_SECONDS = 5
STEPS = 1_000_000  # of SQLite's virtual machine between two looks at the clock: some milliseconds
TIME_OUTS = ('read_timeout', 'write_timeout', 'init_command', 'patience')
OWN_TABLES = ('post_search',)  # with an index that is different on each database, and tables that no model describes

REPEATABLE = (
    (r'^\s*(CREATE TABLE|CREATE (?:UNIQUE |FULLTEXT )?INDEX|ALTER TABLE \S+ ADD COLUMN) (?!IF )', r'\1 IF NOT EXISTS '),
    (r'^\s*(ALTER TABLE \S+ ADD CONSTRAINT) (\S+ CHECK\b)', r'\1 IF NOT EXISTS \2'),
    (r'^\s*(ALTER TABLE \S+ ADD CONSTRAINT \S+ FOREIGN KEY) (?!IF )', r'\1 IF NOT EXISTS '),
    (r'^\s*(DROP TABLE|DROP INDEX|ALTER TABLE \S+ DROP (?:COLUMN|CONSTRAINT|FOREIGN KEY)) (?!IF )', r'\1 IF EXISTS '),
)

config = context.config
fileConfig(config.config_file_name, disable_existing_loggers=False)
logger = logging.getLogger('alembic.env')
database = current_app.extensions['migrate'].db


def include_name(name, kind, parents) -> bool:
    """Leave the search tables out of every comparison."""
    return kind != 'table' or not str(name).startswith(OWN_TABLES)


def include_object(item, name, kind, is_reflected, other) -> bool:
    """The same for the tables that models describe."""
    return include_name(name, kind, None)


def render_item(kind, item, autogenerate) -> str | bool:
    """Write the project's own column types by their names into a new migration."""
    if kind == 'type' and isinstance(item, (UTCDateTime, JSONText)):
        autogenerate.imports.add(f'from app.models.types import {type(item).__name__}')
        return f'{type(item).__name__}()'
    return False


def drop_empty_revision(context, revision, directives) -> None:
    """`flask db migrate` writes no file when nothing has changed."""
    if getattr(config.cmd_opts, 'autogenerate', False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        logger.info('No changes in schema detected.')


@contextmanager
def patient_engine():
    """The application's engine; on a server one without the time-outs that would cut a lock or a long ALTER TABLE."""
    if database.engine.dialect.name == 'sqlite':
        make_file(database.engine.url.database or ':memory:')
        yield database.engine
        return
    options = dict(current_app.config['SQLALCHEMY_ENGINE_OPTIONS'])
    options['connect_args'] = {name: value for name, value in options.get('connect_args', {}).items()
                               if name not in TIME_OUTS}
    engine = sa.create_engine(database.engine.url, **options)
    try:
        yield engine
    finally:
        engine.dispose()


def make_file(name):
    """Make an empty database that nobody else may read; SQLite would ask the umask."""
    if Path(name).parent == INSTANCE:  # which only ./boot.sh or a new key has made
        INSTANCE.mkdir(exist_ok=True)
    if not name.startswith((':memory:', 'file:')):
        with suppress(OSError):  # it is there, or SQLite says why it cannot be
            os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o600))


@contextmanager
def alone(connection):
    """Keep other processes from migrating while the block runs."""
    if connection.dialect.name == 'sqlite':
        with sqlite_alone(connection):
            yield
        return
    connection.exec_driver_sql(SERVER_PATIENCE[connection.dialect.name])
    connection.commit()
    if not take_lock(connection, 0):
        say_waiting()
        if not take_lock(connection, WAIT_SECONDS):
            raise StillLocked
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql({'postgresql': f'SELECT pg_advisory_unlock({LOCK_NUMBER})',
                                    'mysql': f"SELECT RELEASE_LOCK('{LOCK}')"}[connection.dialect.name])
        connection.commit()
        connection.invalidate()  # its patience is not for pages


def take_lock(connection, seconds: int) -> bool:
    """Take the lock of migrations on a server; False when another process still has it."""
    if connection.dialect.name == 'mysql':
        return connection.exec_driver_sql(f"SELECT GET_LOCK('{LOCK}', {seconds})").scalar() == 1
    if not seconds:
        return connection.exec_driver_sql(f'SELECT pg_try_advisory_lock({LOCK_NUMBER})').scalar()
    try:
        connection.exec_driver_sql(f'SELECT pg_advisory_lock({LOCK_NUMBER})')
    except sa.exc.OperationalError:
        connection.rollback()
        return False
    return True


@contextmanager
def sqlite_alone(connection):
    """On SQLite the write lock is the lock. With foreign keys on, copying a table anew would delete its children."""
    raw = connection.connection.dbapi_connection
    raw.execute('PRAGMA foreign_keys=OFF')
    if not take_sqlite_lock(connection, 1):
        say_waiting()
        if not take_sqlite_lock(connection, WAIT_SECONDS):
            raise StillLocked
    try:
        yield
    finally:
        connection.rollback()
        connection.invalidate()  # the next one gets the usual pragmas


def take_sqlite_lock(connection, seconds: int) -> bool:
    """Take the write lock; False when another process still has it."""
    connection.connection.dbapi_connection.execute(f'PRAGMA busy_timeout={seconds * 1000}')
    try:
        begin_immediate(connection)
    except sa.exc.OperationalError as error:
        if is_unavailable(error):
            return False
        raise
    return True


def say_waiting() -> None:
    """Tell the operator why nothing happens."""
    logger.warning('Another process writes to the database or migrates it; waiting up to %s seconds.', WAIT_SECONDS)


class StillLocked(RuntimeError):
    """Nobody knows for how long yet; Flask-Migrate prints the sentence and exits with 1."""

    def __init__(self):
        super().__init__(f'another process has kept the database locked for {WAIT_SECONDS} seconds')


def let_repeat(connection) -> None:
    """MariaDB commits each statement: let a migration that was killed half-way begin anew over what it has made."""
    if not getattr(connection.dialect, 'is_mariadb', False):
        return

    @sa.event.listens_for(connection, 'before_cursor_execute', retval=True)
    def repeatable(conn, cursor, statement, parameters, context, executemany):
        for pattern, form in REPEATABLE:
            statement = re.sub(pattern, form, statement, count=1)
        return statement, parameters


def show_progress(connection) -> None:
    """Say every few seconds that a long statement of SQLite still runs: to copy a table of millions takes minutes."""
    raw = connection.connection.dbapi_connection
    if connection.dialect.name != 'sqlite':
        return
    log = Path(f'{connection.engine.url.database}-wal')
    began = said = monotonic()

    def look() -> None:
        nonlocal said
        if monotonic() - said > PROGRESS_SECONDS:
            said = monotonic()
            written = log.stat().st_size // 1_000_000 if log.exists() else 0
            logger.info('Still working: %s s, %s MB written.', round(said - began), written)
    raw.set_progress_handler(look, STEPS)


def check_foreign_keys(connection) -> None:
    """Refuse to commit when a row has lost its parent."""
    if connection.dialect.name == 'sqlite':
        logger.info('Looking whether every row still has its parent.')
        lost = connection.exec_driver_sql('PRAGMA foreign_key_check').fetchmany(5)
        if lost:
            raise RuntimeError(f'the migration would leave rows without their parents: {lost}')


def is_ahead(connection) -> bool:
    """True for an upgrade where a newer release was here: how it came to its schema only that one knows.

    A release goes on working on the schema of the next one, so it also starts there, if all is there that it knows.
    """
    known = {script.revision for script in context.script.walk_revisions()}
    if context.get_context().opts['fn'].__name__ != 'upgrade' or known.issuperset(
            context.get_context().get_current_heads()):
        return False
    schema = sa.inspect(connection)
    there = set(schema.get_table_names())
    return all(table.name in there and {column.name for column in table.columns} <= {
        column['name'] for column in schema.get_columns(table.name)} for table in database.metadata.sorted_tables)


def run_migrations_offline() -> None:
    """Print the SQL instead of running it."""
    url = database.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, target_metadata=database.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    """Run what is to be run, in one transaction where the database has transactions for it."""
    settings = current_app.extensions['migrate'].configure_args
    settings.setdefault('process_revision_directives', drop_empty_revision)
    steps: list = []
    with patient_engine() as engine, engine.connect() as connection, alone(connection):
        suit_database(database.metadata, connection)
        context.configure(connection=connection, target_metadata=database.metadata, include_name=include_name,
                          include_object=include_object, render_item=render_item,
                          transactional_ddl=connection.dialect.name != 'mysql',
                          on_version_apply=lambda **applied: steps.append(applied['step']), **settings)
        let_repeat(connection)
        show_progress(connection)
        if is_ahead(connection):
            logger.warning('A newer release has brought the database up to date; this one works with it as it is.')
            return
        with context.begin_transaction():
            context.run_migrations()
            if steps:  # not at each start: of ten million posts it takes a minute
                check_foreign_keys(connection)


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
