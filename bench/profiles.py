"""Where the time of a page goes, by package: what a look with the profiler shows first."""
import cProfile
import pstats
import re

from app import db
from bench.plan import Reader
from bench.servers import cookie_of
from bench.statements import application
from bench.stores import Store

WARM_UP, TIMES = 20, 200
PLACE = re.compile(r'site-packages/([^/.]+)|/(app|bench)/')


def by_package(store: Store, reader: Reader, path: str = '/') -> dict[str, float]:
    """Milliseconds a request that each package's own code takes, under a profiler that doubles them."""
    app = application(store)
    browser = app.test_client()
    browser.set_cookie('session', cookie_of(reader.token).partition('=')[2])
    for _ in range(WARM_UP):
        answer = browser.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f'{path} answers {answer.status_code} to {reader.name}')
    with cProfile.Profile() as profiler:
        for _ in range(TIMES):
            browser.get(path)
    with app.app_context():
        db.engine.dispose()
    return _shares(pstats.Stats(profiler))


def _shares(stats: pstats.Stats) -> dict[str, float]:
    """A function in C counts for the packages that call it."""
    found: dict[str, float] = {}
    for (place, _line, _name), (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        parts = {caller[0]: figures[2] for caller, figures in callers.items()} if place == '~' else {place: own}
        for where, seconds in parts.items():
            package = _package(where)
            found[package] = found.get(package, 0.0) + seconds * 1000 / TIMES
    return found


def _package(place: str) -> str:
    named = PLACE.search(place)
    if place.endswith('.html') or '/templates/' in place:
        return 'our templates'
    if named:
        return named[1] or f'our {named[2]}/'
    return 'Python' if place != '~' else 'C'
