"""Processes that are killed: a worker while people write, the whole server while it starts and serves."""
import itertools
import os
import random
import signal
import threading
import time

from bench.faults.browsers import NEWER
from bench.faults.crowds import Writers
from bench.faults.databases import Database
from bench.faults.result import Result, check_posts, slowest, statuses
from bench.faults.site import PEOPLE, READER, Site

POSTS = 500
PAGE = 25
CLIENTS = 8
EVERY = 1.0  # seconds between two kills
STARTS = (0.2, 0.6, 1.0, 1.4, 1.8)  # seconds after which a start is broken off
MIGRATING = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)  # seconds after which a migration is broken off


def worker(database: Database) -> list[Result]:
    """Kill a worker again and again during 500 acknowledged posts of eight browsers."""
    site = Site(database)
    try:
        writers, killed, reader = Writers(site, CLIENTS), [], site.browser(READER)
        ends = threading.Event()
        killer = threading.Thread(target=_kill_workers, args=(site, ends, killed))
        killer.start()
        walks = _walk_until(writers, reader)
        ends.set()
        killer.join()
        troubles = writers.stop()
        kept = database.values('SELECT body FROM post')
        troubles += check_posts(kept, writers.acknowledged) + _check_paging(site, writers.acknowledged)
        troubles += [f'a walk during the kills showed {trouble}' for walk in walks
                     for trouble in check_posts(walk, [])]
        figures = (f'{len(writers.acknowledged)} acknowledged, {len(kept)} kept, {len(killed)} kills, '
                   f'{len(walks)} walks meanwhile, {statuses(writers.browsers)}, '
                   f'slowest {slowest(writers.browsers):.1f} s')
        return [Result('worker killed', database.name, figures, troubles)]
    finally:
        site.remove()


def _walk_until(writers: Writers, reader) -> list[list[str]]:
    walks = []
    end = time.monotonic() + 150
    while len(writers.acknowledged) < POSTS and time.monotonic() < end and not writers.errors:
        walks.append(reader.walk('/'))
    return walks


def _kill_workers(site: Site, ends: threading.Event, killed: list[int]) -> None:
    while not ends.wait(EVERY):
        pids = site.workers()
        if pids:
            killed.append(random.choice(pids))
            os.kill(killed[-1], signal.SIGKILL)


def _check_paging(site: Site, acknowledged: list[str]) -> list[str]:
    """Home and the profiles show every post once, from the newest on and back again."""
    reader = site.browser(READER)
    home = reader.walk('/')
    profiles = list(itertools.chain(*(reader.walk(f'/user/{name}') for name in PEOPLE)))
    back = reader.walk('/?after=1', NEWER)
    overlap = set(back[:-PAGE]) & set(back[-PAGE:])  # the newest page is always a whole one
    back = [text for text in back[:-PAGE] if text not in overlap] + back[-PAGE:]
    return [f'{what}: {trouble}' for what, walk in (('home', home), ('profiles', profiles), ('back', back))
            for trouble in check_posts(walk, acknowledged)]


def everything(database: Database) -> list[Result]:
    """Kill all processes while they serve people who write, and while they start; each next start works."""
    site, slow = Site(database), 0.0
    try:
        writers = Writers(site, 4)
        for delay in STARTS:
            writers.wait_for(len(writers.acknowledged) + 10, 10)
            site.kill_all()
            site.start_and_kill(delay)
            began = time.monotonic()
            site.start()
            slow = max(slow, time.monotonic() - began)
        writers.wait_for(len(writers.acknowledged) + 10, 20)
        troubles = writers.stop() + check_posts(database.values('SELECT body FROM post'), writers.acknowledged)
        figures = f'{2 * len(STARTS)} kills, slowest start {slow:.1f} s, {len(writers.acknowledged)} acknowledged'
        return [Result('all killed', database.name, figures, troubles)]
    finally:
        site.remove()


def migration(database: Database) -> list[Result]:
    """Kill the first start while it makes the tables; the next one goes on from there."""
    troubles, slow, begun = [], 0.0, 0
    for number, delay in enumerate(MIGRATING):
        database.empty()
        site = Site(database, workers=1, start=False)
        try:
            site.start_and_kill(delay, 'Running upgrade')
            begun += database.has_tables()
            began = time.monotonic()
            site.start()
            slow = max(slow, time.monotonic() - began)
        except AssertionError as error:
            troubles.append(f'kill {number}: {str(error)[-200:]}')
        finally:
            site.remove()
    figures = f'{len(MIGRATING)} kills, {begun} with some tables there, slowest start {slow:.1f} s'
    return [Result('start killed', database.name, figures, troubles)]
