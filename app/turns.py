"""Writers of SQLite in the order in which they came.

SQLite's own waiting asks again and again, the longer somebody has waited the more seldom: of twenty writers some wait
for seconds while newcomers pass. So the threads of a process take turns, and only the first of them asks, often enough
that the other processes' writers do not pass it either. Whoever waits keeps the place at the turnstile: another
request would only hold up the one that writes.
"""
import sqlite3
import threading
from collections import deque
from time import monotonic

ASK_MS = 3  # in which SQLite asks twice; later it would sleep while nobody writes


class Turns:
    """A lock that is given to those who wait in the order in which they came."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: deque[threading.Event] = deque()
        self.is_taken = False

    def take(self, seconds: float) -> bool:
        """Wait for one's turn; False when it did not come in time."""
        with self.lock:
            if not self.is_taken:
                self.is_taken = True
                return True
            mine = threading.Event()
            self.waiting.append(mine)
        if mine.wait(seconds):
            return True
        with self.lock:
            if not mine.is_set():
                self.waiting.remove(mine)
            return mine.is_set()

    def give_on(self) -> None:
        """Let the next one have it."""
        with self.lock:
            if self.waiting:
                self.waiting.popleft().set()
            else:
                self.is_taken = False


class PoliteConnection(sqlite3.Connection):
    """A connection that waits for its turn before it takes the write lock."""

    has_turn = False

    def __init__(self, database, *arguments, **options):
        super().__init__(database, *arguments, **options)
        self.turns = _of_file.setdefault(str(database), Turns())  # at once, for threads that connect at one moment

    def begin_immediate(self) -> None:
        """Take the write lock; sqlite3.OperationalError when it is not free within the busy time-out."""
        patience = self.execute('PRAGMA busy_timeout').fetchone()[0]
        end = monotonic() + patience / 1000
        self.has_turn = self.has_turn or self.turns.take(patience / 1000)
        if not self.has_turn:
            raise _locked()
        self.execute(f'PRAGMA busy_timeout={min(ASK_MS, patience)}')
        try:
            self._ask_until(end)
        finally:
            if not self.in_transaction:
                self._end_turn()
            self.execute(f'PRAGMA busy_timeout={patience}')

    def commit(self) -> None:
        """Commit, and let the next one write."""
        super().commit()
        self._end_turn()  # one that failed is rolled back

    def rollback(self) -> None:
        """Take back, and let the next one write."""
        try:
            super().rollback()
        finally:
            self._end_turn()

    def close(self) -> None:
        """Close, and let the next one write."""
        try:
            super().close()
        finally:
            self._end_turn()

    def _ask_until(self, end: float) -> None:
        while True:
            try:
                self.execute('BEGIN IMMEDIATE')
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xff != sqlite3.SQLITE_BUSY or monotonic() > end:
                    raise

    def _end_turn(self) -> None:
        if self.has_turn:
            self.has_turn = False
            self.turns.give_on()


_of_file: dict[str, Turns] = {}


def _locked() -> sqlite3.OperationalError:
    """What SQLite itself would say."""
    error = sqlite3.OperationalError('database is locked')
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error
