"""The rows of a table as lines of JSON, read from each database in the fewest steps that it allows."""
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa

from app.backup.tables import as_fields, as_line


def pieces(connection: sa.Connection, table: sa.Table, size: int) -> Iterator[tuple[bytes, int]]:
    """The lines of all rows, some at a time, and how many; afterwards the connection reads nothing but this."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == 'postgresql':
        return _copied(raw, _text(connection, as_fields(table)), size)
    cursor = _unbuffered(raw) if connection.dialect.name == 'mysql' else _undecoded(raw)
    return _fetched(cursor, _text(connection, as_line(table, connection.dialect.name)), size)


def _text(connection: sa.Connection, statement: sa.Select) -> str:
    return str(statement.compile(dialect=connection.dialect, compile_kwargs={'literal_binds': True}))


def _unbuffered(raw: Any) -> Any:
    """A cursor of PyMySQL that keeps no rows, and gives text as bytes."""
    from pymysql.cursors import SSCursor  # here: the driver is loaded only where it is used

    raw.use_unicode = False
    return raw.cursor(SSCursor)


def _undecoded(raw: Any) -> Any:
    """A cursor of SQLite that gives text as bytes."""
    raw.text_factory = bytes
    return raw.cursor()


def _fetched(cursor: Any, statement: str, size: int) -> Iterator[tuple[bytes, int]]:
    """What a statement of one column finds."""
    try:
        cursor.execute(statement, ())  # PyMySQL makes one % of two only where there are parameters
        while some := cursor.fetchmany(size):
            yield b'\n'.join(chain.from_iterable(some)) + b'\n', len(some)
    finally:
        cursor.close()


def _copied(raw: Any, statement: str, size: int) -> Iterator[tuple[bytes, int]]:
    """The same by COPY, which need not be asked for each piece.

    Tabs and line breaks part fields and rows only, since JSON has none; and COPY doubles backslashes.
    """
    with raw.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (NULL 'null')") as copy:
        while some := list(islice(copy, size)):
            fields = b''.join(some)[:-1].replace(b'\\\\', b'\\').replace(b'\t', b', ').replace(b'\n', b']\n[')
            yield b'[%b]\n' % fields, len(some)
