"""Very many wrong passwords, while others read."""
import threading
import time

from bench.faults.browsers import Browser
from bench.faults.databases import Database
from bench.faults.result import Result, statuses
from bench.faults.site import Site

GUESSES = 10_000
GUESSERS = 30
NAMES = ('susan', 'nobody_at_all')
CALM = 1.0  # seconds within which 95 of 100 pages must come


def guesses(database: Database) -> list[Result]:
    """10,000 wrong log-ins by 30 browsers: readers go on, with the limits of log-in and without them."""
    limits = {'LIMIT_LOGIN': '10 per 5 minute', 'LIMIT_LOGIN_ALL': '1000 per 5 minute'}
    return [_guess(database, 'limits off', RATELIMIT_ENABLED='off'),
            _guess(database, 'limits on', RATELIMIT_ENABLED='on', **limits)]


def _guess(database: Database, name: str, **settings: str) -> Result:
    site = Site(database, 1, **settings)
    try:
        guessers, reader = [site.browser() for _ in range(GUESSERS)], site.browser()
        threads = [threading.Thread(target=_guess_on, args=(guesser,)) for guesser in guessers]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            reader.get('/explore')
        times = sorted(seconds for _status, seconds in reader.seen)
        late = times[len(times) * 95 // 100]
        troubles = [f'95 % of the pages within {late:.2f} s'] if late > CALM else []
        odd = {status for browser in (reader, *guessers) for status, _seconds in browser.seen} - {200, 429, 503}
        troubles += [f'answers were {sorted(odd)}'] if odd else []
        middle = times[len(times) // 2] * 1000
        figures = f'{statuses(guessers)}; {len(times)} pages meanwhile: median {middle:.0f} ms, 95 % in {late:.2f} s'
        return Result(f'guesses, {name}', database.name, figures, troubles)
    finally:
        database.empty()
        site.remove()


def _guess_on(guesser: Browser) -> None:
    fields = guesser.form('/auth/login')
    for count in range(GUESSES // GUESSERS):
        answer = guesser.post('/auth/login', {**fields, 'username': NAMES[count % 2], 'password': f'guess {count}'})
        if answer.status in (429, 503):  # asking on at once would only measure how fast refusals are
            time.sleep(0.02)
