"""`python -m bench.backup`: is a backup at least half as fast as the database's own dump, and its memory flat?

Every store is backed up and dumped by its own tool in turn. With --matrix the backup is also restored into each of the
others, where the rows are counted and their checksums compared with those of the file.
"""
import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

os.environ.setdefault('SECRET_KEY', 'only for measuring: a key of more than 32 bytes')  # before the settings are read

from bench.loading import ROOT, migrate, prepare, settings
from bench.plan import Plan, parse_size
from bench.stores import Store, store

FLASK = [sys.executable, '-m', 'flask', '--app', 'microblog']


def main() -> None:
    """Measure what was asked for, and print a line for each."""
    parser = argparse.ArgumentParser(prog='python -m bench.backup', description=__doc__)
    parser.add_argument('--database', action='append', help='as in `python -m bench`; may be given several times')
    parser.add_argument('--size', type=parse_size, default=parse_size('100k'), help='posts (default: 100k)')
    parser.add_argument('--runs', type=int, default=3, help='of backup and dump in turn (default: 3)')
    parser.add_argument('--matrix', action='store_true', help='restore each backup into each database, too')
    parser.add_argument('--folder', type=Path, default=ROOT / 'instance' / 'bench')
    asked = parser.parse_args()
    places = [store(asked.size, database, asked.folder.resolve()) for database in asked.database or ['sqlite']]
    for place in places:
        prepare(place)
    print(f'{"":>32} {"seconds":>8} {"CPU, s":>7} {"memory, MB":>11} {"file, MB":>9}')
    with tempfile.TemporaryDirectory(prefix='microblog-backup-') as folder:
        for place in places:
            kept = compare(place, Path(folder), asked.runs)
            for kind in asked.database or ['sqlite'] if asked.matrix else ():
                restore(kept, place, kind, Path(folder))


def compare(place: Store, folder: Path, runs: int) -> Path:
    """Back up and dump in turn; the last backup."""
    file = folder / f'{place.kind}.zip'
    for _run in range(runs):
        file.unlink(missing_ok=True)
        measure(f'{place.kind}: flask backup', [*FLASK, 'backup', str(file)], file, place)
        for packed in ('', '| gzip'):
            output = folder / 'dump'
            measure(f'{place.kind}: {dump(place)[0]} {packed}', ['sh', '-c', f'{shlex.join(dump(place))} {packed}'],
                    output, place)
            output.unlink()
    return file


def dump(place: Store) -> list[str]:
    """The command of the database's own tool that writes everything, in one snapshot, to standard output."""
    url = place.url
    if place.kind == 'sqlite':
        return ['sqlite3', place.name, '.dump']
    if place.kind == 'postgresql':
        return ['pg_dump', f'postgresql://{url.username}@{url.host}:{url.port or 5432}/{url.database}']
    return ['mariadb-dump', '--single-transaction', '--quick', f'-h{url.host}', f'-u{url.username}', str(url.database)]


def measure(what: str, command: list[str], output: Path, place: Store) -> None:
    """Run a command and print what it took: time, and CPU and memory of its own process."""
    began = time.monotonic()
    with open(output.with_name('output'), 'wb') as out:
        process = subprocess.Popen(command, cwd=ROOT, env=settings(place), stdout=out)
        _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(output.with_name('output').read_text())
    if not output.exists():
        output.with_name('output').rename(output)
    print(f'{what:>32} {time.monotonic() - began:>8.1f} {usage.ru_utime + usage.ru_stime:>7.1f} '
          f'{usage.ru_maxrss / 1024:>11.0f} {output.stat().st_size / 1e6:>9.1f}', flush=True)


def restore(file: Path, place: Store, database: str, folder: Path) -> None:
    """Restore into a new database, and keep that in turn: all tables must have the same rows."""
    target = store(Plan(place.plan.posts), database, folder)
    target.name = str(folder / 'restored.db') if target.kind == 'sqlite' else f'{target.name}_restored'
    target.create()
    try:
        migrate(target)
        measure(f'{place.kind} -> {target.kind}', [*FLASK, 'restore', str(file)], folder / 'said', target)
        again = folder / 'again.zip'
        again.unlink(missing_ok=True)
        subprocess.run([*FLASK, 'backup', str(again)], cwd=ROOT, env=settings(target), check=True, capture_output=True)
        rows = same_rows(file, again)
        print(f'{"":>32} {rows:,} rows of all tables are the same', flush=True)
    finally:
        target.drop()


def same_rows(one: Path, other: Path) -> int:
    """How many rows two backups hold; RuntimeError for the first one that differs, whatever spaces its JSON has."""
    count = 0
    with zipfile.ZipFile(one) as left, zipfile.ZipFile(other) as right:
        for table in json.loads(left.read('manifest.json'))['tables']:
            name = f'tables/{table["name"]}.jsonl'
            with left.open(name) as ours, right.open(name) as theirs:
                for mine, yours in zip(ours, theirs, strict=True):
                    count += 1
                    if json.loads(mine) != json.loads(yours):
                        raise RuntimeError(f'{name} differs in line {count}')
    return count


if __name__ == '__main__':
    main()
