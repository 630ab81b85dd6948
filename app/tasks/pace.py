"""How fast work in the background may be in a process that serves pages, and where a long job is broken off."""
import threading
import time

REST = 9  # seconds that a thread rests for each one of the processor's that it took, while pages are asked for
LONGEST_REST = 0.5
PAGES_SECONDS = 1  # after a page others are likely

_page_asked_at = float('-inf')


class Stopping(Exception):
    """The process is to end; the job that was broken off begins anew elsewhere."""


class Pace:
    """Lets a thread take a tenth of a processor while pages are asked for: they share one lock with it."""

    def __init__(self, stopping: threading.Event):
        self.stopping = stopping
        self.used = time.thread_time()

    def breathe(self) -> None:
        """Rest in the middle of a job; Stopping when the process is to end."""
        self.rest()
        if self.stopping.is_set():
            raise Stopping

    def rest(self) -> None:
        """Rest in proportion to what was done since the last time; not at all where nobody reads."""
        if time.monotonic() - _page_asked_at < PAGES_SECONDS:
            self.stopping.wait(min((time.thread_time() - self.used) * REST, LONGEST_REST))
        self.used = time.thread_time()


def note_page() -> None:
    """Remember that somebody reads now."""
    global _page_asked_at
    _page_asked_at = time.monotonic()
