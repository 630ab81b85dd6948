"""How many requests a process works on at one moment, first come first served.

Python runs one thread at a time: the more threads want to go on, the more often they take the turn from each other,
and all pages are late together. So a few go in, and the next when one comes out. It saves time and never costs any:
whoever is inside for long waits for something else, for a database or a reader, and does not count any more.
"""
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

LONG = 0.05  # seconds; several times what a page takes


class Turnstile:
    """Some places, given in the order in which one came; without a number of places everybody goes in."""

    def __init__(self, places: int = 0, long: float = LONG) -> None:
        self.places = places
        self.long = long
        self.lock = threading.Lock()
        self.inside: dict[Ticket, float] = {}  # since when, the longest first
        self.waiting: deque[Ticket] = deque()
        self.own = threading.local()

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Go in when one's place comes."""
        if not self.places:
            yield
            return
        self.own.ticket = Ticket()
        self._wait(self.own.ticket)
        try:
            yield
        finally:
            self._leave(self.own.ticket)
            del self.own.ticket

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leave one's place to the next for as long as one only waits; who goes on after that need not queue again."""
        ticket = getattr(self.own, 'ticket', None)
        if ticket is None:
            yield
            return
        self._leave(ticket)
        try:
            yield
        finally:
            with self.lock:
                self.inside[ticket] = monotonic()

    def _wait(self, ticket: 'Ticket') -> None:
        with self.lock:
            self.waiting.append(ticket)
            self._let_in()
        while not ticket.called.acquire(timeout=self.long):
            with self.lock:
                self._let_in()

    def _leave(self, ticket: 'Ticket') -> None:
        with self.lock:
            self.inside.pop(ticket, None)
            self._let_in()

    def _let_in(self) -> None:
        now = monotonic()
        while self.waiting and self._has_place(now):
            ticket = self.waiting.popleft()
            self.inside[ticket] = now
            ticket.called.release()

    def _has_place(self, now: float) -> bool:
        if len(self.inside) < self.places:
            return True
        longest, since = next(iter(self.inside.items()))
        if now - since < self.long:
            return False
        del self.inside[longest]
        return True


class Ticket:
    """Somebody who wants to go in, and the lock that opens when their place comes."""

    def __init__(self) -> None:
        self.called = threading.Lock()
        self.called.acquire()


requests = Turnstile()  # of this process; `deploy/gunicorn.conf.py` says how many places it has
