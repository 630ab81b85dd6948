"""Closed loops: clients that ask again as soon as they are answered. `wrk` where it is, else threads of our own."""
import http.client
import os
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote_plus, urlencode, urlsplit

LUA = Path(__file__).with_name('load.lua')
FORM = 'application/x-www-form-urlencoded'


@dataclass(frozen=True)
class Load:
    """What came of a loop: answers, seconds, milliseconds that half and 99 of 100 waited at most, faults."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Browser:
    """Somebody's cookie, and the token of their forms."""

    cookie: str = ''
    token: str = ''


def has_wrk() -> bool:
    """True when `wrk` is on the PATH."""
    return shutil.which('wrk') is not None


def read(address: str, browser: Browser, connections: int, seconds: float) -> Load:
    """Open one page again and again."""
    if has_wrk():
        return _wrk(address, connections, seconds, '-H', f'Cookie: {browser.cookie}')
    return loop(address, connections, seconds, lambda: ('GET', None, {'Cookie': browser.cookie}))


def write(address: str, browsers: list[Browser], connections: int, seconds: float, text: str) -> Load:
    """Send forms with posts, each another one that ends with this text, by all of these people in turn."""
    run = secrets.token_hex(4)
    if has_wrk():
        return _wrk(address, connections, seconds, BENCH_RUN=run, BENCH_COOKIES='\n'.join(b.cookie for b in browsers),
                    BENCH_TOKENS='\n'.join(b.token for b in browsers), BENCH_TEXT=quote_plus(text))
    numbers = count(1)

    def form():
        number = next(numbers)
        browser = browsers[number % len(browsers)]
        fields = {'csrf_token': browser.token, 'form_key': f'{run}-{number}',
                  'post': f'Post {number} of run {run}. {text}'}
        return 'POST', urlencode(fields), {'Cookie': browser.cookie, 'Content-Type': FORM}
    return loop(address, connections, seconds, form)


def _wrk(address: str, connections: int, seconds: float, *options: str, **environment: str) -> Load:
    command = ['wrk', '-t1', f'-c{connections}', f'-d{max(round(seconds), 1)}s', '--timeout', '30s', '-s', str(LUA),
               *options, address]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    said = next(line.split() for line in done.stdout.splitlines() if line.startswith('RESULT'))
    requests, took, p50, p99, broken, refused = (float(word) for word in said[1:])
    return Load(int(requests), took, p50, p99, int(broken + refused))


def loop(address: str, connections: int, seconds: float, request: Callable[[], tuple]) -> Load:
    """The same with threads of this process; `request` gives method, body and headers."""
    parts = urlsplit(address)
    path = parts.path + (f'?{parts.query}' if parts.query else '')
    waits: list[float] = []
    faults: list[object] = []
    began = time.monotonic()

    def ask() -> None:
        connection = http.client.HTTPConnection(parts.hostname or '', parts.port, timeout=30)
        while time.monotonic() < began + seconds:
            method, body, headers = request()
            since = time.monotonic()
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                faults.append(error)
                connection.close()
                continue
            waits.append(time.monotonic() - since)
            if answer.status >= 400:
                faults.append(answer.status)
        connection.close()
    people = [threading.Thread(target=ask) for _ in range(connections)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return Load(len(waits), time.monotonic() - began, quantile(waits, 0.5), quantile(waits, 0.99), len(faults))


def quantile(waits: list[float], part: float) -> float:
    """The wait, in milliseconds, that this part of all does not exceed; 0 of none."""
    return sorted(waits)[min(int(len(waits) * part), len(waits) - 1)] * 1000 if waits else 0.0
