"""`python -m bench`: is the site as fast at ten million posts as at ten thousand? See docs/performance.md."""
import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault('SECRET_KEY', 'only for measuring: a key of more than 32 bytes')  # before the settings are read

from sqlalchemy.exc import OperationalError

from bench import clients, runs
from bench.loading import ROOT
from bench.plan import FOLLOWS, KINDS, parse_size
from bench.visits import NOBODY, NUMBERS, PAGES

FOLDER = ROOT / 'instance' / 'bench'
READERS = [*(f'{follows}-{kind}' for follows in FOLLOWS for kind in KINDS), NOBODY]
ACTS = ('ceilings', 'pages', 'writes', 'statements', 'inside', 'profile')


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog='python -m bench', description=__doc__, epilog=(
        'Data sets are made when they are missing (10M posts take some minutes and 4 GB) and stay for the next run.'))
    add = parser.add_argument
    add('--database', action='append', help='sqlite (the default), or the address of a server without a database: '
        'postgresql://user@host:port, mysql://user@host:port; may be given several times')
    add('--size', action='append', type=parse_size, help='number of posts: 10k, 100k, 1M, 10M, ... (default: 10k and '
        '100k); may be given several times, the smallest first')
    add('--only', action='append', choices=ACTS, help='leave out the other parts; may be given several '
        'times. profile (never by default): the time of the home page by package')
    add('--page', action='append', choices=PAGES, help='only this page; may be given several times')
    add('--reader', action='append', choices=READERS, metavar='FOLLOWS-KIND', help='only this reader: 0, 10, 200, 1000 '
        'or 5000, then -quiet, -busy or -mixed; or "nobody"; may be given several times')
    add('--number', action='append', type=int, help=f'only this page of each list (default: {NUMBERS})')
    add('--seconds', type=float, default=5.0, help='for each measurement (default: 5)')
    add('--clients', type=int, default=8, help='connections at once (default: 8)')
    add('--workers', type=int, default=2, help='WEB_CONCURRENCY of the server (default: 2)')
    add('--threads', type=int, default=12, help='WEB_THREADS of the server (default: 12)')
    add('--protections', choices=('on', 'off', 'both'), default='on',
        help='off: the home page without its protections; both: each in turn, and the difference')
    add('--beside', action='store_true', help='measure the ceiling again before each page: for a machine that has '
        'other work, too')
    add('--analyze', action='store_true', help='let the database count its rows first (ANALYZE)')
    add('--drop', action='store_true', help='remove the data sets in place of measuring')
    add('--folder', type=Path, default=FOLDER, help='where SQLite files are kept')
    add('--results', type=Path, help='the file to which lines of JSON are appended (default: results.jsonl in the '
        'folder)')
    asked = parser.parse_args()
    asked.database = asked.database or ['sqlite']
    asked.size = asked.size or [parse_size('10k'), parse_size('100k')]
    asked.results = asked.results or asked.folder / 'results.jsonl'
    asked.page, asked.only = asked.page or list(PAGES), asked.only or list(ACTS[:-1])
    asked.reader, asked.number = asked.reader or [], asked.number or list(NUMBERS)
    return asked


def main() -> None:
    """Measure what was asked for."""
    asked = arguments()
    asked.folder = asked.folder.resolve()
    if asked.drop:
        runs.drop(asked)
        return
    if not clients.has_wrk():
        print('wrk is missing (Debian: apt install wrk): a loop in Python asks instead, and takes more of the '
              'processors.', file=sys.stderr)
    try:
        runs.run(asked)
    except (RuntimeError, OperationalError) as error:  # a page that is none; a database that does not answer
        sys.exit(f'bench: {error}')


if __name__ == '__main__':
    main()
