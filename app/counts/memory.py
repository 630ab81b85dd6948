"""Hits counted in the memory of a process: while the storage does not answer, and for a database in memory."""
from threading import Lock
from time import monotonic, time

MOST = 10_000  # buckets; the oldest go first, since an attacker can make as many as there are addresses


class MemoryCounts:
    """Exact among the threads of a process, and no larger than a megabyte or two."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.buckets: dict[str, tuple[int, float]] = {}

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a hit, or give one back by a negative amount; how many the window of `expiry` seconds has now."""
        with self.lock:
            hits, ends = self._bucket(key)
            if key not in self.buckets or ends <= monotonic():
                hits, ends = 0, monotonic() + expiry
                self._make_room()
            hits = max(hits + amount, 0)
            self.buckets[key] = hits, ends
            return hits

    def get(self, key: str) -> int:
        """How many hits the running window has."""
        hits, ends = self._bucket(key)
        return hits if ends > monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; now when there is none."""
        return time() + max(self._bucket(key)[1] - monotonic(), 0)

    def clear(self, key: str) -> None:
        """Forget a bucket."""
        self.buckets.pop(key, None)

    def reset(self) -> None:
        """Forget everything."""
        self.buckets.clear()

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def _bucket(self, key: str) -> tuple[int, float]:
        return self.buckets.get(key, (0, 0.0))

    def _make_room(self) -> None:
        if len(self.buckets) < MOST:
            return
        now = monotonic()
        self.buckets = {key: bucket for key, bucket in self.buckets.items() if bucket[1] > now}
        while len(self.buckets) >= MOST:
            del self.buckets[next(iter(self.buckets))]
