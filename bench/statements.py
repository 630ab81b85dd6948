"""How long the database itself takes for the statements of a page: captured once, then repeated without the rest."""
import statistics
import time
from collections.abc import Callable
from datetime import UTC
from functools import partial
from urllib.parse import parse_qs

import sqlalchemy as sa
from flask import Flask

import config
from app import create_app, db
from app.models import User
from app.queries import timelines
from app.search import results
from bench.loading import KEY
from bench.stores import Store
from bench.visits import SEARCHES, Visit

PER_PAGE = 25
TIMES = 31
LONGEST = 10.0  # seconds for one page: then fewer times are enough


def application(store: Store) -> Flask:
    """The product on this database, without its threads."""
    return create_app(type('BenchConfig', (config.Config,), {
        'SQLALCHEMY_DATABASE_URI': store.address, 'SECRET_KEY': KEY, 'SECRET_KEY_FALLBACKS': [], 'TASK_THREADS': 0,
        'MAIL_SERVER': '', 'LOG_FOLDER': str(store.folder / 'logs'), 'SITE_URL': 'http://localhost:5000'}))


def medians(store: Store, visits: list[Visit]) -> list[tuple[Visit, int, float, float]]:
    """For each visit to a home or a search: how many statements it needs, and the milliseconds until all their rows
    are here: the median and the fastest."""
    app = application(store)
    found = []
    with app.app_context():
        for visit in visits:
            act = _home if visit.page == 'home' else _search if visit.page in SEARCHES else None
            if act is not None and visit.reader is not None:
                statements = captured(partial(act, visit))
                found.append((visit, len(statements), *repeated(statements)))
        db.engine.dispose()
    return found


def _home(visit: Visit) -> None:
    assert visit.reader is not None
    before = visit.path.partition('before=')[2]
    user = db.session.get(User, visit.reader.id)
    assert user is not None
    timelines.home(user, int(before) if before else None, None, PER_PAGE)


def _search(visit: Visit) -> None:
    assert visit.reader is not None
    user = db.session.get(User, visit.reader.id)
    results.newest(user, parse_qs(visit.path)['/search?q'][0], UTC, None, None, PER_PAGE)


def captured(act: Callable[[], None]) -> list[tuple]:
    """The statements of an act as the driver gets them, but for the first, which loads the reader."""
    seen: list[tuple] = []

    def note(conn, cursor, statement, parameters, context, executemany) -> None:
        seen.append((statement, parameters))
    sa.event.listen(db.engine, 'before_cursor_execute', note)
    try:
        act()
    finally:
        sa.event.remove(db.engine, 'before_cursor_execute', note)
        db.session.remove()
    return seen[1:]


def repeated(statements: list[tuple]) -> tuple[float, float]:
    """Milliseconds for all of them together, rows fetched: the median and the fastest, which no neighbour delayed."""
    raw = db.engine.raw_connection()
    waits: list[float] = []
    try:
        cursor = raw.cursor()
        if db.engine.dialect.name == 'postgresql':
            cursor.execute('SET enable_seqscan=off')  # as `app/deadlines.py` has it for pages
        end = time.monotonic() + LONGEST
        while len(waits) < TIMES and (time.monotonic() < end or not waits):
            began = time.perf_counter()
            for statement, parameters in statements:
                cursor.execute(statement, parameters)
                cursor.fetchall()
            waits.append(time.perf_counter() - began)
    finally:
        raw.close()
    return statistics.median(waits) * 1000, min(waits) * 1000
