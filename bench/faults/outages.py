"""A database that is restarted, killed, frozen or locked while people read and write."""
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.faults.browsers import Answer, Browser
from bench.faults.crowds import Writers
from bench.faults.databases import Database, Server
from bench.faults.result import Result, check_posts, slowest, statuses
from bench.faults.site import Site

AWAY = 8  # seconds
ANSWERED = 5.0  # seconds within which a page says that it cannot
WRITERS = 4


class Reader:
    """Somebody who reads one page after the other; what came is in `browser.seen`."""

    def __init__(self, site: Site):
        self.browser = site.browser()
        self.without_retry: list[int] = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        while not self.stopping.is_set():
            answer = self.browser.get('/explore')
            if answer.status == 503 and answer.headers.get('Retry-After') != '5':
                self.without_retry.append(answer.status)
            time.sleep(0.05)

    def stop(self) -> None:
        """Close the book."""
        self.stopping.set()
        self.thread.join()


def restarted(database: Database) -> list[Result]:
    """Stop, kill and freeze the server for a while, one after the other."""
    if not isinstance(database, Server):
        return []
    site = Site(database)
    try:
        return [outage(site, f'database {name}', away) for name, away in (
            ('stopped', _stopped(database, database.stop)), ('killed', _stopped(database, database.kill)),
            ('frozen', _frozen(database)))]
    finally:
        site.remove()


def locked(database: Database) -> list[Result]:
    """Lock all rows of people, then the table of posts, for 3 s and for 12 s."""
    site = Site(database)
    try:
        return [outage(site, f'{how} locked {seconds} s', _locked(database, how, seconds))
                for how in ('rows', 'table') for seconds in (3, 12)]
    finally:
        site.remove()


def outage(site: Site, name: str, away: Callable) -> Result:
    """Let people read and write before, during and after the fault."""
    before = site.database.values('SELECT body FROM post')
    pids = site.workers()
    writers, reader = Writers(site, WRITERS), Reader(site)
    writers.wait_for(20, 10)
    browsers = [*writers.browsers, reader.browser]
    for browser in browsers:
        browser.seen.clear()
    with away():
        pass
    recovered = _time_to_recover(site)
    writers.wait_for(len(writers.acknowledged) + 20, 20)
    troubles = writers.stop()
    reader.stop()
    kept = site.database.values('SELECT body FROM post')
    for text in before:
        kept.remove(text)
    troubles += check_posts(kept, writers.acknowledged)
    troubles += _judge(site, browsers, reader, pids, recovered)
    figures = (f'write {statuses(writers.browsers)}, read {statuses([reader.browser])}, '
               f'slowest 503 {slowest(browsers, 503):.1f} s, slowest {slowest(browsers):.1f} s, '
               f'works {recovered:.1f} s after')
    return Result(name, site.database.name, figures, troubles)


def _judge(site: Site, browsers: list[Browser], reader: Reader, pids: list[int], recovered: float) -> list[str]:
    counts = site.database.values('SELECT posts_count FROM "user" ORDER BY id' if site.database.name != 'mariadb' else
                                  'SELECT posts_count FROM user ORDER BY id')
    total, = site.database.values('SELECT COUNT(*) FROM post')
    odd = {status for browser in browsers for status, _ in browser.seen} - {200, 302, 503}
    return [trouble for trouble, is_so in (
        (f'answered {sorted(odd)}', odd), (f'counters say {sum(counts)} of {total}', sum(counts) != total),
        ('a 503 after more than 5 s', slowest(browsers, 503) > ANSWERED),
        ('no Retry-After', reader.without_retry), ('a worker was replaced', site.workers() != pids),
        ('it did not recover at once', recovered > ANSWERED)) if is_so]


def _time_to_recover(site: Site) -> float:
    began = time.monotonic()
    Browser(site.port).until(200, _explore(site))
    return time.monotonic() - began


def _explore(site: Site) -> Callable[[], Answer]:
    return lambda *_: Browser(site.port).get('/explore')


def _stopped(database: Database, stop: Callable[[], None]) -> Callable:
    @contextmanager
    def away() -> Iterator[None]:
        stop()
        time.sleep(AWAY)
        database.start()
        yield
    return away


def _frozen(database: Database) -> Callable:
    @contextmanager
    def away() -> Iterator[None]:
        with database.frozen():
            time.sleep(AWAY)
        yield
    return away


def _locked(database: Database, how: str, seconds: int) -> Callable:
    @contextmanager
    def away() -> Iterator[None]:
        with database.locked(how):
            time.sleep(seconds)
        yield
    return away
