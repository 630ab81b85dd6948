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
    values = [_as_json(column, dialect) for column in table.columns]
    if dialect == 'mysql':  # whose json_array() takes half as long again
        fields = sa.func.concat_ws(', ', *(sa.func.ifnull(value, 'null') for value in values))
        line: sa.ColumnElement = sa.func.concat('[', fields, ']', type_=sa.Text)
    else:
        line = sa.func.json_array(*values, type_=sa.Text)
    return sa.select(line).order_by(*table.primary_key)


def as_fields(table: sa.Table) -> sa.Select:
    """The same for PostgreSQL, which makes whole arrays in twice the time: each column as JSON, or NULL."""
    values = (_as_json(column, 'postgresql') for column in table.columns)
    return sa.select(*values).order_by(*table.primary_key)


def _as_json(column: sa.Column, dialect: str) -> sa.ColumnElement:
    """A column as JSON can hold it: times as text in UTC, bytes in hexadecimal, flags as 0 and 1."""
    make = _FORMS[dialect].get(kind(column))
    return make(column) if make else column


def _text(column: sa.ColumnElement) -> sa.ColumnElement:
    """What is in the database, whatever the model makes of it."""
    return sa.type_coerce(column, sa.Text)


_FORMS: dict[str, dict[str, Callable[[sa.Column], sa.ColumnElement]]] = {
    'sqlite': {TEXT: _text, BYTES: lambda column: sa.case((column.is_not(None), sa.func.hex(column)))},
    'postgresql': {
        FLAG: lambda column: sa.cast(column, sa.Integer), TEXT: lambda column: sa.func.to_json(_text(column)),
        TIME: lambda column: sa.func.to_char(sa.func.timezone('UTC', column), r'\"YYYY-MM-DD HH24:MI:SS.US\"'),
        BYTES: lambda column: sa.func.to_json(sa.func.encode(column, 'hex'))},
    'mysql': {
        TEXT: lambda column: sa.func.json_quote(_text(column)),
        TIME: lambda column: sa.func.date_format(column, '"%Y-%m-%d %H:%i:%s.%f"'),
        BYTES: lambda column: sa.func.concat('"', sa.func.hex(column), '"')}}


def plain(name: str, columns: list[list[str]]) -> sa.TableClause:
    """A table as a backup describes it: its columns by name and kind, whatever release wrote it."""
    return sa.table(name, *(sa.column(column, _TYPES[kind]()) for column, kind in columns))


def readers(columns: list[list[str]]) -> list[Callable | None]:
    """For each column the function that makes a value of what stands in the file; None where it stands as it is."""
    return [_READERS.get(kind) for _name, kind in columns]
