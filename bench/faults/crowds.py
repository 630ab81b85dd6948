"""People who write at the same time."""
import threading
import time

from bench.faults.browsers import Browser
from bench.faults.site import PEOPLE, Site


class Writers:
    """Browsers that publish one post after the other until they are told to stop; `acknowledged` is what they wrote."""

    def __init__(self, site: Site, number: int):
        self.acknowledged: list[str] = []
        self.errors: list[str] = []
        self.stopping = threading.Event()
        self.browsers = [site.browser(PEOPLE[n % len(PEOPLE)]) for n in range(number)]
        for browser in self.browsers:
            browser.seen.clear()
        self.threads = [threading.Thread(target=self._write, args=pair) for pair in enumerate(self.browsers)]
        for thread in self.threads:
            thread.start()

    def _write(self, number: int, browser: Browser) -> None:
        count = 0
        while not self.stopping.is_set():
            text, count = f'writer {number} post {count}', count + 1
            try:
                browser.publish(text)
            except RuntimeError as error:
                self.errors.append(str(error))
                return
            self.acknowledged.append(text)

    def wait_for(self, number: int, seconds: float) -> None:
        """Let them write so many posts, or for so long."""
        end = time.monotonic() + seconds
        while len(self.acknowledged) < number and time.monotonic() < end and not self.errors:
            time.sleep(0.05)

    def stop(self) -> list[str]:
        """Let everybody finish; what went wrong."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self.errors
