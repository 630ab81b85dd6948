"""How long a statement of a page may run: the database breaks it off, and the page answers 503.

PostgreSQL is also told that a page never wants a whole table.

Commands, migrations and tasks may take as long as they need. They share the connections of the pages, so a connection
is told anew whenever it changes hands between the two.
"""
import sqlite3
import time

from flask import g, has_request_context
from sqlalchemy import Engine
from sqlalchemy.pool import Pool

from app.listening import listens_for

SECONDS = 5
STEPS = 100_000  # of SQLite's virtual machine between two looks at the clock: a millisecond or so


@listens_for(Pool, 'checkout')
def _set_deadline(connection, record, proxy) -> None:
    wanted = SECONDS if _is_page() else 0
    if record.info.get('seconds', 0) == wanted:
        return
    if isinstance(connection, sqlite3.Connection):
        connection.set_progress_handler(_watch(record) if wanted else None, STEPS)
    elif type(connection).__module__.startswith('psycopg'):
        connection.autocommit = True
        connection.execute(f'SET statement_timeout={int(wanted * 1000)}')
        # All of a page is found by indexes; of a statement that it thinks expensive it takes the other parts lightly.
        connection.execute(f'SET enable_seqscan={"off" if wanted else "on"}')
        connection.autocommit = False
    else:
        _limit_mysql(connection, wanted)
    record.info['seconds'] = wanted


@listens_for(Engine, 'before_cursor_execute')
def _note_begin(conn, cursor, statement, parameters, context, executemany) -> None:
    if conn.dialect.name == 'sqlite':
        conn.connection.info['began'] = time.monotonic()


def _is_page() -> bool:
    """True while a request is answered; a task has a request's context as well, but no number."""
    return has_request_context() and 'request_id' in g


def _watch(record):
    """What SQLite asks now and then: whether to break the statement off."""
    return lambda: time.monotonic() - record.info.get('began', float('inf')) > SECONDS


def _limit_mysql(connection, seconds: float) -> None:
    is_mariadb = 'mariadb' in connection.get_server_info().lower()
    limit = f'max_statement_time={seconds}' if is_mariadb else f'max_execution_time={int(seconds * 1000)}'
    with connection.cursor() as cursor:
        cursor.execute(f'SET SESSION {limit}')
