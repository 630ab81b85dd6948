"""Disks that are full, and a log that cannot be written."""
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.faults.databases import Database, SmallDisk, SQLite
from bench.faults.outages import AWAY, outage
from bench.faults.result import Result
from bench.faults.site import Site

SIZES = {'sqlite': 8, 'postgresql': 120, 'mariadb': 260}  # megabytes


def full(database: Database) -> list[Result]:
    """Fill the disk of the database while people write, then make room."""
    small = type(database)(SIZES[database.name])
    try:
        small.start()
        site = Site(small)
        try:
            return [outage(site, 'disk full', _filled(small))]
        finally:
            site.remove()
    finally:
        small.remove()


def log(database: Database) -> list[Result]:
    """Fill the disk of the log, then take its folder away; every page of a locked database writes to it."""
    if not isinstance(database, SQLite):
        return []
    folder = Path(tempfile.mkdtemp(prefix='faults-log-'))
    disk = SmallDisk(folder, 1)
    site = Site(database, LOG_FOLDER=str(folder / 'logs'))
    try:
        return [_judge_log(site, outage(site, f'log {name}', away(database, folder, disk)), folder / 'logs')
                for name, away in (('disk full', _log_disk_full), ('folder gone', _log_folder_gone))]
    finally:
        site.remove()
        disk.remove()
        shutil.rmtree(folder, ignore_errors=True)


def _judge_log(site: Site, result: Result, folder: Path) -> Result:
    said = site.scratch.output()
    if 'The database does not answer' not in said:
        result.troubles.append('standard error does not say what happened')
    if not (folder / 'microblog.log').exists():
        result.troubles.append('the log is not written again')
    if 'full' in result.fault and 'The log cannot be written' not in said:
        result.troubles.append('standard error does not say that the log is not written')
    return result


def _filled(database: Database) -> Callable:
    @contextmanager
    def away() -> Iterator[None]:
        assert database.disk is not None
        with database.disk.full():
            time.sleep(AWAY)
        if database.process is not None and database.process.poll() is not None:
            database.start()  # a server may end rather than lose something; its operator starts it again
        yield
    return away


def _log_disk_full(database: SQLite, folder: Path, disk: SmallDisk) -> Callable:
    @contextmanager
    def away() -> Iterator[None]:
        with disk.full(), database.locked('rows'):
            _fill_up(folder / 'logs' / 'microblog.log')
            time.sleep(AWAY)
        yield
    return away


def _fill_up(path: Path) -> None:
    """Take what is left of the last block of a file."""
    with open(path, 'ab', buffering=0) as file, suppress(OSError):
        while file.write(b'.'):
            pass


def _log_folder_gone(database: SQLite, folder: Path, disk: SmallDisk) -> Callable:
    @contextmanager
    def away() -> Iterator[None]:
        shutil.rmtree(folder / 'logs')
        with database.locked('rows'):
            time.sleep(AWAY)
        yield
    return away
