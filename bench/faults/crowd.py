"""Very many browsers at once, and very many clients that send half a request."""
import asyncio
import contextlib
import re
import socket
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field

from bench.faults.browsers import Browser
from bench.faults.databases import Database
from bench.faults.result import Result
from bench.faults.site import PEOPLE, Site
from tests.base import PASSWORD, hidden_fields

BROWSERS = 300
SECONDS = 20
MEMBERS = 30  # of them log in and write
FILES = re.compile(r'(?:href|src)="(/(?:static|bootstrap)[^"]*)"')
FINE = {200, 302, 303, 304, 429, 503}
HALF = 200
CALM = 1.0  # seconds that a page may take when nothing else happens


@dataclass
class Guest:
    """One browser: a connection that is kept, cookies, and what came."""

    port: int
    seen: list[tuple[int, float]] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: str = '') -> str:
        """Send one request and read the answer."""
        began, kept = time.monotonic(), self.streams is not None
        try:
            status, text = await self._exchange(method, path, body)
        except (OSError, asyncio.IncompleteReadError):
            self.streams = None
            if kept and method == 'GET':  # as browsers do when a kept connection was closed meanwhile
                return await self.ask(method, path)
            status, text = 0, ''
        self.seen.append((status, time.monotonic() - began))
        return text

    async def _exchange(self, method: str, path: str, body: str) -> tuple[int, str]:
        if self.streams is None:
            self.streams = await asyncio.open_connection('127.0.0.1', self.port)
        reader, writer = self.streams
        cookie = '; '.join(f'{name}={value}' for name, value in self.cookies.items())
        lines = [f'{method} {path} HTTP/1.1', f'Host: localhost:{self.port}', f'Cookie: {cookie}']
        if path in self.tags:
            lines.append(f'If-None-Match: {self.tags[path]}')
        if method == 'POST':
            lines += ['Content-Type: application/x-www-form-urlencoded', f'Content-Length: {len(body)}']
        writer.write(('\r\n'.join(lines) + '\r\n\r\n' + body).encode())
        head = (await reader.readuntil(b'\r\n\r\n')).decode('latin-1')
        status, headers = int(head[9:12]), re.findall(r'(?m)^([\w-]+): *(.*?)\r$', head)
        length = next((int(value) for name, value in headers if name.lower() == 'content-length'), 0)
        text = (await reader.readexactly(length)).decode(errors='replace')
        self._keep(path, headers)
        return status, text

    def _keep(self, path: str, headers: list[tuple[str, str]]) -> None:
        for name, value in headers:
            if name.lower() == 'set-cookie':
                key, _, content = value.partition(';')[0].partition('=')
                self.cookies[key] = content
            elif name.lower() == 'etag':
                self.tags[path] = value
            elif (name.lower(), value) == ('connection', 'close') and self.streams:
                self.streams[1].close()
                self.streams = None

    async def visit(self, end: float, number: int) -> None:
        """Look around until the end; some log in and write."""
        if number < MEMBERS:
            await self._log_in(PEOPLE[number % len(PEOPLE)])
        count = 0
        while time.monotonic() < end:
            page = await self.ask('GET', '/' if number < MEMBERS else '/explore')
            for path in set(FILES.findall(page)):
                await self.ask('GET', path.replace('&amp;', '&'))
            if number < MEMBERS and count % 3 == 0:
                fields = {**hidden_fields(page), 'post': f'guest {number} post {count}'}
                await self.ask('POST', '/', urllib.parse.urlencode(fields))
            count += 1
        if self.streams:
            self.streams[1].close()

    async def _log_in(self, username: str) -> None:
        for _time in range(5):  # a 503 says: come again
            fields = hidden_fields(await self.ask('GET', '/auth/login'))
            await self.ask('POST', '/auth/login', urllib.parse.urlencode(
                {**fields, 'username': username, 'password': PASSWORD}))
            if self.seen[-1][0] == 302:
                return
            await asyncio.sleep(1)


def crowd(database: Database) -> list[Result]:
    """Three hundred browsers look around for 20 s, some of them log in and write."""
    site = Site(database)
    try:
        guests = [Guest(site.port) for _ in range(BROWSERS)]
        pids = site.workers()
        asyncio.run(_visit(guests))
        calm = _time_to_calm(site)
        seen = [pair for guest in guests for pair in guest.seen]
        counted = Counter(status for status, _ in seen)
        times = sorted(seconds for _, seconds in seen)
        troubles = [trouble for trouble, is_so in (
            (f'answered {sorted(set(counted) - FINE)}', set(counted) - FINE),
            (f'calm only after {calm:.1f} s', calm > 5), ('a worker was replaced', site.workers() != pids)) if is_so]
        figures = (f'{len(seen)} answers in {SECONDS} s ({" ".join(f"{s}x{n}" for s, n in sorted(counted.items()))}), '
                   f'median {times[len(times) // 2]:.2f} s, slowest {times[-1]:.1f} s, calm after {calm:.1f} s')
        return [Result('300 browsers', database.name, figures, troubles)]
    finally:
        site.remove()


async def _visit(guests: list[Guest]) -> None:
    end = time.monotonic() + SECONDS
    await asyncio.gather(*(guest.visit(end, number) for number, guest in enumerate(guests)))


def _time_to_calm(site: Site) -> float:
    """Seconds until three pages in a row come as fast as they should."""
    began, fast = time.monotonic(), 0
    while fast < 3 and time.monotonic() - began < 30:
        answer = Browser(site.port).get('/explore')
        fast = fast + 1 if answer.status == 200 and answer.seconds < CALM / 4 else 0
    return time.monotonic() - began


def half_requests(database: Database) -> list[Result]:
    """Two hundred clients send half a request, by drops; the site is asked directly."""
    site = Site(database, workers=1)
    try:
        head = b'GET /explore HTTP/1.1\r\nHost: localhost\r\nX-Half: '
        clients = [socket.create_connection(('127.0.0.1', site.port)) for _ in range(HALF)]
        for client in clients:
            client.sendall(head)
            client.setblocking(False)
        began, slow, gone = time.monotonic(), 0.0, {}
        while len(gone) < HALF and time.monotonic() - began < 20:
            slow = max(slow, Browser(site.port).get('/explore').seconds)
            for client in set(clients) - set(gone):
                with contextlib.suppress(BlockingIOError):
                    if not _is_open(client):
                        gone[client] = time.monotonic() - began
            time.sleep(0.5)
        last = max(gone.values(), default=0.0)
        troubles = [trouble for trouble, is_so in (
            (f'a page took {slow:.1f} s', slow > CALM), (f'{HALF - len(gone)} were never dropped', len(gone) < HALF),
            (f'the last was dropped after {last:.1f} s', last > 10)) if is_so]
        return [Result('half requests', database.name,
                       f'{HALF} clients, slowest page {slow:.2f} s, last dropped after {last:.1f} s', troubles)]
    finally:
        site.remove()


def _is_open(client: socket.socket) -> bool:
    """Send one more byte and see whether the other side has hung up."""
    try:
        client.send(b'x')
        return bool(client.recv(1))
    except (ConnectionError, BrokenPipeError):
        return False
