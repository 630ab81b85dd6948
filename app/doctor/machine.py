"""The machine: who can read what, how much room there is, and what takes it."""
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

import config
from app.doctor.finding import Finding, fault, fine, note
from app.extensions import db
from app.queries import space

MEGABYTE = 10**6
SCARCE, SHORT = 2000, 500  # MB
LARGEST = 6


def check_files() -> Iterator[Finding]:
    """Whether secrets are for their owner alone, and the log can be written."""
    open_ones = [path for path in _secrets() if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    for path in open_ones:
        yield fault('files', f'Others on this machine can read {path}: chmod 600 {path}')
    if not open_ones:
        yield fine('files', 'nobody else on this machine can read key, settings or database')
    folder = Path(current_app.config['LOG_FOLDER'])
    if not current_app.config['LOG_TO_STDOUT'] and folder.exists() and not os.access(folder, os.W_OK):
        yield fault('files', f'The log cannot be written to {folder}: it belongs to another user.')


def check_disk() -> Iterator[Finding]:
    """How much is free where this host writes."""
    for folder in sorted(set(map(_existing, _folders()))):
        free = shutil.disk_usage(folder).free // MEGABYTE
        says = f'{free:,} MB are free in {folder}'
        if free < SHORT:
            yield fault('disk', f'{says}; make room, or nothing can be written soon.')
        else:
            yield note('disk', f'{says}, which is not much.') if free < SCARCE else fine('disk', says)


def check_space() -> Iterator[Finding]:
    """What takes room; everything that grows by itself is removed in time (docs/operations.md)."""
    if sizes := space.tables():
        shown = ', '.join(f'{name} {size / MEGABYTE:.1f}' for name, size in _largest(sizes))
        yield fine('space', f'tables with their indexes, in MB: {shown}')
    else:
        yield fine('space', 'rows: ' + ', '.join(f'{name} {count:,}' for name, count in _largest(space.rows())))
    logs = sum(path.stat().st_size for path in Path(current_app.config['LOG_FOLDER']).glob('microblog.log*'))
    yield fine('space', f'logs: {logs / MEGABYTE:.1f} MB of 11 at most')
    file = _database_file()
    if file:
        wal = Path(f'{file}-wal')
        yield fine('space', f'{file}: {file.stat().st_size / MEGABYTE:.1f} MB, and '
                            f'{(wal.stat().st_size if wal.exists() else 0) / MEGABYTE:.1f} MB in its -wal')


def _largest(numbers: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda part: -part[1])[:LARGEST]


def _secrets() -> list[Path]:
    file = _database_file()
    return [config.KEY_FILE, config.basedir / '.env', *([file] if file else [])]


def _folders() -> list[Path]:
    file = _database_file()
    return [config.INSTANCE, Path(current_app.config['LOG_FOLDER']), *([file.parent] if file else [])]


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _database_file() -> Path | None:
    """The file of an SQLite database."""
    url = db.engine.url
    is_file = url.get_backend_name() == 'sqlite' and url.database not in (None, '', ':memory:')
    return Path(str(url.database)).resolve() if is_file else None
