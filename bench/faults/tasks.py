"""Work that was promised, while what it needs is away or whoever does it is killed: every letter comes, and once."""
import time
from collections import Counter

from bench.faults.browsers import Browser
from bench.faults.databases import Database, Server
from bench.faults.result import Result
from bench.faults.workshops import RUNNERS, Workshop
from tests.mailbox import Mailbox

LETTERS = 100
SMTP_AWAY = 30  # seconds
BROKER_AWAY = 5
DATABASE_AWAY = 8
PAGE_SECONDS = 1.0


def smtp(database: Database) -> list[Result]:
    """Take the mail server away for 30 s while 100 letters are written."""
    return [_try(database, 'SMTP 30 s away', runner, _without_smtp) for runner in RUNNERS]


def broker(database: Database) -> list[Result]:
    """Kill the broker of Celery with all that it holds, and start an empty one 5 s later."""
    return [_try(database, 'broker killed', 'celery', _without_broker)]


def half_way(database: Database) -> list[Result]:
    """Kill whoever works when half of 100 letters are sent; another process goes on."""
    return [_try(database, 'killed at 50 %', runner, _killed_half_way) for runner in RUNNERS]


def database_gone(database: Database) -> list[Result]:
    """Restart the database, 8 s later, while 100 letters are sent."""
    if not isinstance(database, Server):
        return []
    return [_try(database, 'database away', runner, _without_database) for runner in RUNNERS]


def two(database: Database) -> list[Result]:
    """Let two processes at once send 300 letters: each row is one's."""
    return [_try(database, 'two runners', runner, _both, number=2) for runner in RUNNERS]


def _try(database: Database, fault: str, runner: str, act, number: int = 1) -> Result:
    shop = Workshop(database, runner, number)
    began = time.monotonic()
    try:
        written = act(shop)
        is_over = shop.wait_for(shop.is_over)
        pages = [Browser(shop.site.port).get('/explore').seconds for _ in range(3)]
        troubles = _judge(written, shop) + ([] if is_over else [f'not over: {dict(shop.states())}'])
        if max(pages) > PAGE_SECONDS:
            troubles.append(f'a page took {max(pages):.1f} s')
        again = len(shop.arrived()) - len(shop.names())
        figures = (f'{runner}: {len(written)} written, {len(set(shop.arrived()))} arrived'
                   f'{f" ({again} twice under one Message-ID)" if again else ""}, at most '
                   f'{shop.most_attempts()} tries, over after {time.monotonic() - began:.0f} s')
        return Result(fault, database.name, figures, troubles)
    finally:
        shop.remove()
        database.empty()


def _judge(written: list[str], shop: Workshop) -> list[str]:
    counted = Counter(subject for subject, _message_id in shop.names())
    lost = [subject for subject in written if not counted[subject]]
    doubled = [subject for subject, number in counted.items() if number > 1]
    return [f'{len(some)} {what}: {some[:3]}' for some, what in ((lost, 'lost'), (doubled, 'doubled')) if some]


def _without_smtp(shop: Workshop) -> list[str]:
    port, kept = shop.mailbox.port, shop.mailbox.letters
    shop.mailbox.stop()
    written = shop.write(LETTERS)
    time.sleep(SMTP_AWAY)
    shop.mailbox = Mailbox(port=port)
    shop.mailbox.letters[:0] = kept
    return written


def _without_broker(shop: Workshop) -> list[str]:
    assert shop.redis is not None
    written = shop.write(LETTERS // 2, 'before')
    shop.wait_for(lambda: len(shop.arrived()) > LETTERS // 10)
    shop.redis.process.kill()
    written += shop.write(LETTERS // 2, 'meanwhile')
    time.sleep(BROKER_AWAY)
    shop.redis.start()
    return written + shop.write(LETTERS // 2, 'after')


def _killed_half_way(shop: Workshop) -> list[str]:
    written = shop.write(LETTERS)
    shop.wait_for(lambda: len(shop.arrived()) >= LETTERS // 2)
    shop.kill_worker()
    return written


def _without_database(shop: Workshop) -> list[str]:
    written = shop.write(LETTERS)
    shop.wait_for(lambda: len(shop.arrived()) >= LETTERS // 4)
    shop.site.database.stop()
    time.sleep(DATABASE_AWAY)
    shop.site.database.start()
    return written


def _both(shop: Workshop) -> list[str]:
    written = shop.write(3 * LETTERS)
    assert shop.wait_for(shop.is_over), shop.states()
    if shop.most_attempts() > 1:
        raise RuntimeError(f'a letter was tried {shop.most_attempts()} times')
    return written
