"""A storage that goes on counting while the one behind it does not answer."""
from logging import Logger
from threading import Lock
from time import monotonic
from typing import Any

from app.counts.database import DatabaseCounts
from app.counts.memory import MemoryCounts

AGAIN_SECONDS = 1  # until somebody asks a storage that failed; the others are not held up
QUIET_SECONDS = 60  # until the log says so anew when it comes and goes
IN_MEMORY = ('memory://', 'sqlite://', 'sqlite:///:memory:')


class SteadyCounts:
    """Asks the storage behind it; when that has said nothing for so many seconds, counts in memory, and looks for it
    now and then.
    """

    def __init__(self, behind: str, log: Logger, seconds: int) -> None:
        self.behind = None if behind in IN_MEMORY else _storage(behind, seconds)
        self.spare = MemoryCounts()
        self.log, self.lock = log, Lock()
        self.is_away, self.has_said = False, False
        self.again_at, self.quiet_until = 0.0, 0.0

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a hit, or give one back by a negative amount; how many the window of `expiry` seconds has now."""
        return self._ask('incr', key, expiry, amount)

    def get(self, key: str) -> int:
        """How many hits the running window has."""
        return self._ask('get', key)

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        return self._ask('get_expiry', key)

    def clear(self, key: str) -> None:
        """Forget a bucket."""
        self._ask('clear', key)

    def reset(self) -> int | None:
        """Forget everything."""
        self.spare.reset()
        return self._ask('reset')

    def check(self) -> bool:
        """True: something always counts."""
        return True

    def _ask(self, question: str, *arguments):
        if self.behind is not None and self._is_due():
            try:
                answer = getattr(self.behind, question)(*arguments)
            except self.behind.base_exceptions as error:
                self._is_gone(error)
            else:
                self._is_back()
                return answer
        return getattr(self.spare, question)(*arguments)

    def _is_due(self) -> bool:
        """True while the storage answers; else for one request every few seconds."""
        if not self.is_away:
            return True
        with self.lock:
            if monotonic() < self.again_at:
                return False
            self.again_at = monotonic() + AGAIN_SECONDS
            return True

    def _is_gone(self, error: Exception) -> None:
        with self.lock:
            self.again_at = monotonic() + AGAIN_SECONDS
            was_away, self.is_away = self.is_away, True
            if was_away or monotonic() < self.quiet_until:
                return
            self.quiet_until, self.has_said = monotonic() + QUIET_SECONDS, True
        self.log.warning('Limits are counted in memory, since their storage does not answer: %s',
                         ' '.join(str(getattr(error, 'orig', None) or error).split())[:300])

    def _is_back(self) -> None:
        self.is_away = False
        if self.has_said:
            self.has_said = False
            self.log.info('Limits are counted in their storage again.')


def _storage(uri: str, seconds: int) -> Any:
    """Where hits are counted. Redis is told to try once and briefly: on its own it waits and tries for long."""
    if not uri.startswith('redis'):
        return DatabaseCounts(uri, seconds)
    from limits.storage import storage_from_string
    from redis.backoff import NoBackoff
    from redis.retry import Retry
    options: dict = {'socket_timeout': seconds / 2, 'socket_connect_timeout': seconds / 2,
                     'retry': Retry(NoBackoff(), 0)}
    return storage_from_string(uri, **options)
