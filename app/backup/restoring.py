"""Restoring a backup: all of it in one transaction, or nothing."""
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from app.backup import file
from app.backup.connecting import changing, revision
from app.backup.tables import HOLDS_PEOPLE, plain, readers

AT_ONCE = 1000
LARGE_AT_ONCE = 10


def restore(path: Path, overwrite: bool, begin: Callable[[int], None], step: Callable[[int], None]) -> file.Manifest:
    """Fill the database with what a backup holds; what was there before goes, if `overwrite` allows that.

    BackupError when it cannot be done; then nothing has changed. Nobody should use the site meanwhile.
    """
    with changing() as connection, file.opened(path) as (archive, manifest):
        _check(connection, manifest, overwrite)
        begin(manifest.rows)
        _empty(connection, manifest)
        for table in manifest.tables:
            _read_table(connection, archive, table, step)
        if connection.dialect.name == 'postgresql':
            _move_sequences(connection, manifest)
    return manifest


def _check(connection: sa.Connection, manifest: file.Manifest, overwrite: bool) -> None:
    found = revision(connection)
    if found != manifest.revision:
        raise file.BackupError(
            f'The backup has the schema {manifest.revision} (of release {manifest.version}), the database {found}. '
            f'Restore it into an empty database after "flask db upgrade {manifest.revision}", then "flask db upgrade".')
    people = sa.select(sa.literal(1)).select_from(sa.table(HOLDS_PEOPLE)).limit(1)
    if not overwrite and connection.scalar(people):
        raise file.BackupError('There are people on this site; --overwrite lets the backup take the place of '
                               'everything that is there.')


def _empty(connection: sa.Connection, manifest: file.Manifest) -> None:
    """Remove all rows, children before their parents."""
    for name in [*manifest.left_out, *reversed([table['name'] for table in manifest.tables])]:
        connection.execute(sa.delete(sa.table(name)))


def _read_table(connection: sa.Connection, archive: zipfile.ZipFile, described: dict, step: Callable) -> None:
    columns = described['columns']
    statement = sa.insert(plain(described['name'], columns))
    size = LARGE_AT_ONCE if any(kind == 'bytes' for _name, kind in columns) else AT_ONCE
    lines = file.Lines()
    for rows in _batches(archive, described, lines, size):
        connection.execute(statement, rows)
        step(len(rows))
    if lines.described() != {'rows': described['rows'], 'sha256': described['sha256']}:
        raise file.BackupError(f'The rows of the table {described["name"]} are not those that were kept; '
                               'nothing was changed.')


def _batches(archive: zipfile.ZipFile, described: dict, lines: file.Lines, size: int) -> Iterator[list[dict]]:
    names, made = [name for name, _kind in described['columns']], readers(described['columns'])
    rows: list[dict] = []
    with archive.open(file.member(described['name'])) as packed:
        for line in io.BufferedReader(packed, file.PIECE):  # type: ignore[type-var]
            values = json.loads(lines.note(line, 1))
            rows.append({name: value if make is None or value is None else make(value)
                         for name, make, value in zip(names, made, values, strict=True)})
            if len(rows) == size:
                yield rows
                rows = []
    if rows:
        yield rows


def _move_sequences(connection: sa.Connection, manifest: file.Manifest) -> None:
    """Let PostgreSQL give the next rows ids that are free; the other two see for themselves."""
    for table in manifest.tables:
        for column, kind in table['columns']:
            sequence = kind == 'number' and connection.scalar(
                sa.select(sa.func.pg_get_serial_sequence(f'"{table["name"]}"', column)))
            if sequence:
                last = sa.select(sa.func.max(sa.column(column))).select_from(sa.table(table['name'])).scalar_subquery()
                connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))))
