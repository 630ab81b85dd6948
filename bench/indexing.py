"""`python -m bench.indexing`: how fast posts go into Elasticsearch, in how much memory, and how fast they are found."""
import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault('SECRET_KEY', 'only for measuring: a key of more than 32 bytes')  # before the settings are read

from app import create_app
from app.models import MAX_ID
from app.queries.pages import OLDER
from app.search import elastic
from app.search.elastic.server import connect
from app.search.query import Query, parse
from app.times import UTC
from bench import loading
from bench.__main__ import FOLDER
from bench.loading import ROOT
from bench.plan import parse_size
from bench.stores import Store, store
from tests.base import TestConfig
from tests.search.elastic_server import ElasticServer, own_index

TIMES = 30
POSTS_A_SECOND = 5000
QUERIES = {  # and the milliseconds that they may take
    'two words': ('bread garden ', 10), 'a word in every second post': ('the ', 10), 'a rare word': ('17 ', 10),
    'two words that never meet': ('the 99999999999 ', 200), 'one letter': ('b', 20), 'a phrase': ('"of the"', 200),
    'somebody': ('from:me', 10), 'a word but another': ('bread -the', 200)}


class Row:
    """A line of the table."""

    def __init__(self, what: str, figure: str, is_good: bool = True):
        self.what, self.figure, self.is_good = what, figure, is_good

    def __str__(self) -> str:
        return f'{self.what:<34} {self.figure:<40} {"ok" if self.is_good else "TOO SLOW"}'


def main() -> int:
    """Measure what was asked for; 1 when something took too long."""
    parser = argparse.ArgumentParser(prog='python -m bench.indexing', description=__doc__)
    parser.add_argument('--database', default='sqlite', help='sqlite, or the address of a server without a database')
    parser.add_argument('--size', type=parse_size, default=parse_size('100k'), help='number of posts: 10k, 100k, 1M')
    asked = parser.parse_args()
    place = store(asked.size, asked.database, FOLDER)
    loading.prepare(place)
    rows = []
    with server() as url:
        prefix = own_index()
        try:
            for row in measured(place, url, prefix):
                rows.append(row)
                print(row, flush=True)
        finally:
            client = connect(url).options(request_timeout=60)
            for name in client.indices.get(index=f'{prefix}.*'):
                client.indices.delete(index=name)
    return 0 if all(row.is_good for row in rows) else 1


@contextmanager
def server() -> Iterator[str]:
    """The one of TEST_ELASTICSEARCH_URL, or one of our own."""
    if os.environ.get('TEST_ELASTICSEARCH_URL'):
        yield os.environ['TEST_ELASTICSEARCH_URL']
        return
    own = ElasticServer()
    try:
        yield own.url
    finally:
        own.remove()


def measured(place: Store, url: str, prefix: str) -> Iterator[Row]:
    """Fill, then ask."""
    yield rebuild(place, url, prefix)
    app = create_app(type('BenchConfig', (TestConfig,), {
        'SQLALCHEMY_DATABASE_URI': place.address, 'ELASTICSEARCH_URL': url, 'ELASTICSEARCH_INDEX': prefix}))
    with app.app_context():
        connect(url).indices.refresh(index=f'{prefix}.posts')
        for name, (text, milliseconds) in QUERIES.items():
            query = parse(text, UTC)
            for part in query.names:
                query = query.by(part, place.plan.author_ids[0])
            yield ask(name, query, MAX_ID, milliseconds)
        deep = elastic.find(parse('the ', UTC), OLDER, MAX_ID, 10_000).ids[-1]
        yield ask('page 400 of a frequent word', parse('the ', UTC), deep, 20)


def rebuild(place: Store, url: str, prefix: str) -> Row:
    """`flask search rebuild` as an operator runs it."""
    environment = {**loading.settings(place), 'ELASTICSEARCH_URL': url, 'ELASTICSEARCH_INDEX': prefix}
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, '-m', 'flask', '--app', 'microblog', 'search', 'rebuild'], cwd=ROOT,
                               env=environment, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status:
        raise RuntimeError('flask search rebuild failed')
    speed = place.plan.posts / seconds
    return Row(f'rebuild of {place.plan.name} posts',
               f'{speed:,.0f} posts/s, {usage.ru_maxrss / 1024:.0f} MB at most', speed > POSTS_A_SECOND)


def ask(name: str, query: Query, cursor: int, milliseconds: float) -> Row:
    """The median time of a page's ids."""
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        found = elastic.find(query, OLDER, cursor, 26).ids
        seconds.append(time.perf_counter() - began)
    median = statistics.median(seconds) * 1000
    return Row(name, f'{median:.1f} ms for {len(found)} ids (at most {milliseconds})', median <= milliseconds)


if __name__ == '__main__':
    sys.exit(main())
