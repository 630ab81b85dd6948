"""`python -m bench.letters`: does mail that goes out slow the pages down, how fast does it go, and when does it begin?

Needs an otherwise idle machine. Each runner gets a site of its own; the mail server is on this machine.
"""
import argparse
import statistics
import time

from bench.faults.browsers import Browser
from bench.faults.databases import KINDS
from bench.faults.site import READER
from bench.faults.workshops import RUNNERS, Workshop

LETTERS = 1000
SECONDS = 10
STARTS = 15


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog='python -m bench.letters', description=__doc__)
    parser.add_argument('--database', '-d', choices=KINDS, default='sqlite')
    parser.add_argument('--runner', '-r', action='append', choices=RUNNERS, help='all when none is named')
    wanted = parser.parse_args()
    print(f'{"":<10} {"home alone":>12} {"beside mail":>12} {"factor":>7} {"mails/s beside":>15} {"mails/s alone":>14} '
          f'{"start, median":>14} {"worst":>8}')
    for runner in wanted.runner or RUNNERS:
        database = KINDS[wanted.database]()
        try:
            database.start()
            print(measure(Workshop(database, runner), runner), flush=True)
        finally:
            database.remove()


def measure(shop: Workshop, runner: str) -> str:
    """One line of the table."""
    try:
        reader = shop.site.browser(READER)
        shop.write(1, 'first')
        shop.wait_for(lambda: len(shop.arrived()) == 1)
        starts = [time_to_start(shop, Browser(shop.site.port)) for _ in range(STARTS)]
        alone, _none = pages(reader), shop.mailbox.letters.clear()
        shop.write(LETTERS)
        shop.wait_for(lambda: len(shop.arrived()) > 0)
        began, before = time.monotonic(), len(shop.arrived())
        beside = pages(reader)
        rate = (len(shop.arrived()) - before) / (time.monotonic() - began)
        shop.wait_for(shop.is_over)
        shop.mailbox.letters.clear()
        shop.write(LETTERS)
        shop.wait_for(lambda: len(shop.arrived()) > 0)
        began, before = time.monotonic(), len(shop.arrived())
        shop.wait_for(lambda: len(shop.arrived()) >= LETTERS)
        quick = (len(shop.arrived()) - before) / (time.monotonic() - began)
        return (f'{runner:<10} {alone * 1000:>9.1f} ms {beside * 1000:>9.1f} ms {beside / alone:>7.2f} {rate:>15.0f} '
                f'{quick:>14.0f} {statistics.median(starts) * 1000:>11.0f} ms {max(starts) * 1000:>5.0f} ms')
    finally:
        shop.remove()


def pages(reader: Browser) -> float:
    """The mean time of the home page, asked for one after the other, in seconds."""
    reader.seen.clear()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        reader.get('/')
    return statistics.mean(seconds for status, seconds in reader.seen if status == 200)


def time_to_start(shop: Workshop, visitor: Browser) -> float:
    """Seconds from the answer to a form until its letter has arrived, which is more than until its task begins."""
    before = len(shop.mailbox.letters)
    fields = {**visitor.form('/auth/reset_password_request'), 'email': f'{READER}@example.com'}
    visitor.post('/auth/reset_password_request', fields)
    began = time.monotonic()
    while len(shop.mailbox.letters) == before and time.monotonic() < began + 10:
        time.sleep(0.002)
    return time.monotonic() - began


if __name__ == '__main__':
    main()
