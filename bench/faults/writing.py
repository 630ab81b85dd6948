"""Twenty people write for a minute."""
from bench.faults.crowds import Writers
from bench.faults.databases import Database
from bench.faults.result import Result, check_posts, slowest
from bench.faults.site import Site

WRITERS = 20
SECONDS = 60


def writers(database: Database) -> list[Result]:
    """Twenty people write for 60 s, with one worker and with two: nobody sees an error."""
    return [_write(database, workers) for workers in (1, 2)]


def _write(database: Database, workers: int) -> Result:
    site = Site(database, workers)
    try:
        crowd = Writers(site, WRITERS)
        crowd.wait_for(10**9, SECONDS)
        troubles = crowd.stop()
        troubles += check_posts(database.values('SELECT body FROM post'), crowd.acknowledged)
        seen = [pair for browser in crowd.browsers for pair in browser.seen]
        odd = sorted({status for status, _ in seen} - {200, 302})
        if odd:
            troubles.append(f'{sum(status in odd for status, _ in seen)} answers were {odd}')
        times = sorted(seconds for status, seconds in seen if status == 302)
        figures = (f'{len(crowd.acknowledged)} posts in {SECONDS} s, median {times[len(times) // 2] * 1000:.0f} ms, '
                   f'99 % within {times[len(times) * 99 // 100]:.2f} s, slowest {slowest(crowd.browsers):.2f} s')
        return Result(f'20 writers, {workers} w.', database.name, figures, troubles)
    finally:
        database.empty()
        site.remove()
