"""Writing a backup: one snapshot, table by table, in flat memory."""
import gc
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

import config
from app.backup import file, reading
from app.backup.connecting import check_current, snapshot
from app.backup.tables import LEFT_OUT, kept, kind
from app.models import utcnow

AT_ONCE = 2000
LARGE_AT_ONCE = 10  # rows of a table with bytes: 256 kB each, twice that in hexadecimal
AHEAD = 4  # pieces that are read and not packed yet
SECRET = ('SECRET_KEY', 'SECRET_KEY_FALLBACKS', 'MAIL_USERNAME', 'MAIL_PASSWORD', 'METRICS_TOKEN', 'DATABASE_URL',
          'REDIS_URL', 'CELERY_BROKER_URL', 'RATELIMIT_STORAGE_URI', 'ELASTICSEARCH_URL')


def write(path: Path, version: str, begin: Callable[[int], None], step: Callable[[int], None]) -> file.Manifest:
    """Keep the whole site in a new file; `begin` is told how many rows there are, `step` how many more are written.

    BackupError when it cannot be done; then there is no file. People may write meanwhile.
    """
    with file.new(path) as archive, snapshot() as connection, _without_collector():
        manifest = file.Manifest(version=version, revision=check_current(connection), left_out=list(LEFT_OUT),
                                 database=connection.dialect.name, made_at=utcnow().isoformat())
        begin(sum(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in kept()))
        for table in kept():
            manifest.tables.append(_write_table(connection, archive, table, step))
        file.write_json(archive, file.SETTINGS, settings())
        file.write_json(archive, file.MANIFEST, asdict(manifest))
    return manifest


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rows leave no cycles, and to look for some among them takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _write_table(connection: sa.Connection, archive, table: sa.Table, step: Callable[[int], None]) -> dict:
    """Read the rows of a table, while a thread packs what was read."""
    columns = [[column.name, kind(column)] for column in table.columns]
    size = LARGE_AT_ONCE if any(kind == 'bytes' for _name, kind in columns) else AT_ONCE
    lines, waiting = file.Lines(), deque[Future]()
    with archive.open(file.member(table.name), 'w', force_zip64=True) as out, ThreadPoolExecutor(1) as packer:
        for piece, rows in reading.pieces(connection, table, size):
            waiting.append(packer.submit(lambda piece, rows: out.write(lines.note(piece, rows)), piece, rows))
            if len(waiting) > AHEAD:
                waiting.popleft().result()
            step(rows)
        for packed in waiting:
            packed.result()
    return {'name': table.name, 'columns': columns, **lines.described()}


def settings() -> dict[str, str]:
    """What was set for this site by its environment, without anything secret."""
    names = {name for name in dir(config.Config) if name.isupper()} | {'HOST', 'WEB_CONCURRENCY', 'WEB_THREADS'}
    return {name: os.environ[name] for name in sorted(names - set(SECRET)) if os.environ.get(name)}
