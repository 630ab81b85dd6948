"""What is kept of which table, and how the kinds of values travel from one database to another."""
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

from app.extensions import db
from app.models import UTCDateTime, post_search
from app.models.types import LargeBytes

# What is made from other tables, or counts the last minutes: it is not kept, and emptied by a restore.
LEFT_OUT = (post_search.name, 'search_progress', 'rate_limit')
HOLDS_PEOPLE = 'user'

NUMBER, FLAG, TEXT, TIME, BYTES = 'number', 'flag', 'text', 'time', 'bytes'
_TYPES: dict[str, Callable[[], sa.types.TypeEngine]] = {
    NUMBER: sa.BigInteger, FLAG: sa.Boolean, TEXT: sa.Text, TIME: UTCDateTime, BYTES: LargeBytes}
_READERS: dict[str, Callable] = {
    FLAG: bool, BYTES: bytes.fromhex, TIME: lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)}


def kept() -> list[sa.Table]:
    """Every table whose rows are kept, parents before their children."""
    return [table for table in db.metadata.sorted_tables if table.name not in LEFT_OUT]


def kind(column: sa.Column) -> str:
    """What a column holds, in a word; TypeError for a type that has no form in a backup yet."""
    own = column.type
    if isinstance(own, UTCDateTime):
        return TIME
    plain = own.impl if isinstance(own, sa.types.TypeDecorator) else own
    for name, types in ((FLAG, sa.Boolean), (NUMBER, sa.Integer), (TEXT, sa.String), (BYTES, sa.LargeBinary)):
        if isinstance(plain, types):
            return name
    raise TypeError(f'app/backup/tables.py has to say how {column} is kept')


def as_line(table: sa.Table, dialect: str) -> sa.Select:
    """The rows of a table as the lines of its file; the database writes the JSON, in a tenth of Python's time."""
    values = [_as_json(column, kind(column), dialect) for column in table.columns]
    if dialect == 'postgresql':
        line: sa.ColumnElement = sa.cast(sa.func.json_build_array(*values), sa.Text)
    else:
        line = sa.func.json_array(*values, type_=sa.Text)
    return sa.select(line).order_by(*table.primary_key)


def _as_json(column: sa.Column, kind: str, dialect: str) -> sa.ColumnElement:
    """A column as JSON can hold it: times as text in UTC, bytes in hexadecimal, flags as 0 and 1."""
    if kind == BYTES:
        coded = sa.func.encode(column, 'hex') if dialect == 'postgresql' else sa.func.hex(column)
        return sa.case((column.is_not(None), coded))
    if dialect == 'postgresql' and kind == FLAG:
        return sa.cast(column, sa.Integer)
    if dialect == 'postgresql' and kind == TIME:
        return sa.func.to_char(sa.func.timezone('UTC', column), 'YYYY-MM-DD HH24:MI:SS.US')
    if dialect == 'mysql' and kind == TIME:
        return sa.func.date_format(column, '%Y-%m-%d %H:%i:%s.%f')
    return sa.type_coerce(column, sa.Text) if kind == TEXT else column


def plain(name: str, columns: list[list[str]]) -> sa.TableClause:
    """A table as a backup describes it: its columns by name and kind, whatever release wrote it."""
    return sa.table(name, *(sa.column(column, _TYPES[kind]()) for column, kind in columns))


def readers(columns: list[list[str]]) -> list[Callable | None]:
    """For each column the function that makes a value of what stands in the file; None where it stands as it is."""
    return [_READERS.get(kind) for _name, kind in columns]
