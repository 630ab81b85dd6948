"""Writing a backup: one snapshot, table by table, in flat memory."""
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import config
from app.backup import file
from app.backup.connecting import check_current, snapshot
from app.backup.tables import LEFT_OUT, as_line, kept, kind
from app.models import utcnow

AT_ONCE = 1000
LARGE_AT_ONCE = 10  # rows of a table with bytes: 256 kB each, twice that in hexadecimal
SECRET = ('SECRET_KEY', 'SECRET_KEY_FALLBACKS', 'MAIL_USERNAME', 'MAIL_PASSWORD', 'METRICS_TOKEN', 'DATABASE_URL',
          'REDIS_URL', 'CELERY_BROKER_URL', 'RATELIMIT_STORAGE_URI', 'ELASTICSEARCH_URL')


def write(path: Path, version: str, begin: Callable[[int], None], step: Callable[[int], None]) -> file.Manifest:
    """Keep the whole site in a new file; `begin` is told how many rows there are, `step` how many more are written.

    BackupError when it cannot be done; then there is no file. People may write meanwhile.
    """
    with file.new(path) as archive, snapshot() as connection:
        manifest = file.Manifest(version=version, revision=check_current(connection), left_out=list(LEFT_OUT),
                                 database=connection.dialect.name, made_at=utcnow().isoformat())
        begin(sum(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in kept()))
        for table in kept():
            manifest.tables.append(_write_table(connection, archive, table, step))
        file.write_json(archive, file.SETTINGS, settings())
        file.write_json(archive, file.MANIFEST, asdict(manifest))
    return manifest


def _write_table(connection: sa.Connection, archive, table: sa.Table, step: Callable[[int], None]) -> dict:
    columns = [[column.name, kind(column)] for column in table.columns]
    size = LARGE_AT_ONCE if any(kind == 'bytes' for _name, kind in columns) else AT_ONCE
    lines, statement = file.Lines(), as_line(table, connection.dialect.name)
    read = _copied if connection.dialect.name == 'postgresql' else _fetched
    with archive.open(file.member(table.name), 'w', force_zip64=True) as out:
        for piece, rows in read(connection, statement, size):
            out.write(lines.note(piece, rows))
            step(rows)
    return {'name': table.name, 'columns': columns, **lines.described()}


def _fetched(connection: sa.Connection, statement: sa.Select, size: int) -> Iterator[tuple[bytes, int]]:
    """The lines that a statement finds, some at a time, and how many."""
    streaming = connection.execution_options(stream_results=True, max_row_buffer=size)
    with streaming.execute(statement) as found:
        for some in found.scalars().partitions(size):
            yield ('\n'.join(some) + '\n').encode(), len(some)


def _copied(connection: sa.Connection, statement: sa.Select, size: int) -> Iterator[tuple[bytes, int]]:
    """The same by COPY, which need not be asked for each piece; it doubles backslashes, and JSON has no line breaks."""
    text = statement.compile(dialect=connection.dialect, compile_kwargs={'literal_binds': True})
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f'COPY ({text}) TO STDOUT') as copy:
        while some := list(islice(copy, size)):
            yield b''.join(some).replace(b'\\\\', b'\\'), len(some)


def settings() -> dict[str, str]:
    """What was set for this site by its environment, without anything secret."""
    names = {name for name in dir(config.Config) if name.isupper()} | {'HOST', 'WEB_CONCURRENCY', 'WEB_THREADS'}
    return {name: os.environ[name] for name in sorted(names - set(SECRET)) if os.environ.get(name)}
