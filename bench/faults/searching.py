"""An Elasticsearch that is away or was tampered with, while people write and search."""
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import config
from app import create_app, db
from app.search import SearchDown, elastic
from app.search.elastic.server import connect
from bench.faults.crowds import Writers
from bench.faults.databases import Database
from bench.faults.result import Result, check_posts, slowest, statuses
from bench.faults.site import Site
from tests.base import TestConfig
from tests.proxy import FaultProxy
from tests.search.elastic_server import ElasticServer

AWAY = 8  # seconds
ANSWERED = 2.0  # seconds within which the page of results comes, whatever happens
PATIENCE = 200  # seconds in which the index catches up by itself
WRITERS = 4
PREFIX = 'faults'
SENTENCE = 'cannot be searched at the moment'


class Searcher:
    """Somebody who searches one time after the other; `without` counts the pages that had the sentence only."""

    def __init__(self, site: Site):
        self.browser = site.browser()
        self.without = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._search)
        self.thread.start()

    def _search(self) -> None:
        while not self.stopping.is_set():
            self.without += SENTENCE in self.browser.get('/search?q=writer+post').text
            time.sleep(0.1)

    def stop(self) -> None:
        """Give up searching."""
        self.stopping.set()
        self.thread.join()


class Search:
    """An Elasticsearch, and a way to it that can be broken."""

    def __init__(self) -> None:
        self.server = ElasticServer()
        self.proxy = FaultProxy(self.server.port)
        self.client = connect(self.server.url).options(request_timeout=30)

    @property
    def url(self) -> str:
        return f'http://127.0.0.1:{self.proxy.port}'

    def faults(self) -> dict[str, Callable[[], AbstractContextManager]]:
        """What can go wrong; each ends with the block, but for what is left to the site to repair."""
        return {'refused': self.broken('refuse'), 'reset': self.broken('reset'), 'hanging': self.broken('hang'),
                'killed in bulk': self.killed, 'index deleted': self.deleted, 'mapping conflict': self.conflicting}

    def broken(self, mode: str) -> Callable[[], AbstractContextManager]:
        """The way is broken for a while."""
        @contextmanager
        def away() -> Iterator[None]:
            self.proxy.mode = mode
            time.sleep(AWAY)
            self.proxy.mode = 'pass'
            yield
        return away

    @contextmanager
    def killed(self) -> Iterator[None]:
        """The server dies while posts go into it, and is started again."""
        self.server.kill()
        time.sleep(AWAY)
        self.server.start()
        yield

    @contextmanager
    def deleted(self) -> Iterator[None]:
        """Somebody deletes the index."""
        for name in self.client.indices.get(index=f'{PREFIX}.*'):
            self.client.indices.delete(index=name)
        yield

    @contextmanager
    def conflicting(self) -> Iterator[None]:
        """Somebody puts an index of another kind in the place of ours."""
        for name in self.client.indices.get(index=f'{PREFIX}.*'):
            self.client.indices.delete(index=name)
        self.client.indices.create(index='other', aliases={f'{PREFIX}.posts': {}},
                                   mappings={'properties': {'id': {'type': 'keyword'}, 'words': {'type': 'long'}}})
        yield

    def remove(self) -> None:
        """Leave nothing behind."""
        self.proxy.stop()
        self.server.remove()


def search(database: Database) -> list[Result]:
    """Let Elasticsearch refuse, reset, hang, die in bulk, lose its index and have another's, while people write."""
    away = Search()
    site = Site(database, ELASTICSEARCH_URL=away.url, ELASTICSEARCH_INDEX=PREFIX)
    try:
        return [_outage(site, away, name, fault) for name, fault in away.faults().items()]
    finally:
        site.remove()
        away.remove()


def _outage(site: Site, away: Search, name: str, fault: Callable[[], AbstractContextManager]) -> Result:
    before = site.database.values('SELECT body FROM post')
    _wait_until_all_are_found(site, away)
    writers, searcher = Writers(site, WRITERS), Searcher(site)
    writers.wait_for(20, 10)
    with fault():
        writers.wait_for(len(writers.acknowledged) + 20, 20)
    troubles = writers.stop()
    seconds = _wait_until_all_are_found(site, away)
    searcher.stop()
    kept = site.database.values('SELECT body FROM post')
    for text in before:
        kept.remove(text)
    troubles += check_posts(kept, writers.acknowledged)
    troubles += _judge(writers, searcher, seconds)
    figures = (f'write {statuses(writers.browsers)}, slowest {slowest(writers.browsers):.1f} s; '
               f'search {statuses([searcher.browser])}, {searcher.without} with the sentence, '
               f'slowest {slowest([searcher.browser]):.1f} s; all found {seconds:.0f} s after')
    return Result(f'search {name}', site.database.name, figures, troubles)


def _judge(writers: Writers, searcher: Searcher, seconds: float) -> list[str]:
    odd = {status for browser in writers.browsers for status, _ in browser.seen} - {200, 302}
    strange = {status for status, _ in searcher.browser.seen} - {200}
    return [trouble for trouble, is_so in (
        (f'writers were answered {sorted(odd)}', odd), (f'the searcher was answered {sorted(strange)}', strange),
        ('a page of results took too long', slowest([searcher.browser]) > ANSWERED),
        ('the index did not catch up', seconds > PATIENCE)) if is_so]


def _wait_until_all_are_found(site: Site, away: Search) -> float:
    """How many seconds it takes until the index holds what the table does."""
    app = create_app(type('ElasticConfig', (TestConfig,), {
        'SQLALCHEMY_DATABASE_URI': config.rewrite(site.database.url),
        'ELASTICSEARCH_URL': away.server.url, 'ELASTICSEARCH_INDEX': PREFIX}))
    began = time.monotonic()
    while time.monotonic() - began <= PATIENCE + 1:
        with app.app_context():
            try:
                if elastic.state() == 'ok' and not any(step.missing or step.stray for step in elastic.check()):
                    break
            except SearchDown as error:
                print(f'  not yet: {error}', file=sys.stderr)
            finally:
                db.session.rollback()
                db.engine.dispose()
        time.sleep(1)
    return time.monotonic() - began
