"""What a trial of a fault came to."""
from collections import Counter
from dataclasses import dataclass

from bench.faults.browsers import Browser


@dataclass
class Result:
    """One line of the table; `troubles` are what must not be."""

    fault: str
    database: str
    figures: str
    troubles: list[str]

    def __str__(self) -> str:
        verdict = 'ok' if not self.troubles else f'FAILED: {"; ".join(self.troubles)}'
        return f'{self.fault:<16} {self.database:<11} {self.figures} | {verdict}'


def statuses(browsers: list[Browser]) -> str:
    """How often each status came; 0 is a broken connection."""
    counted = Counter(status for browser in browsers for status, _ in browser.seen)
    return ' '.join(f'{status}x{number}' for status, number in sorted(counted.items()))


def slowest(browsers: list[Browser], status: int | None = None) -> float:
    """The longest time to an answer, or to one with this status, in seconds."""
    return max((seconds for browser in browsers for seen, seconds in browser.seen if status in (None, seen)),
               default=0.0)


def check_posts(kept: list[str], acknowledged: list[str]) -> list[str]:
    """What is wrong when these posts are there and those were acknowledged."""
    counted = Counter(kept)
    lost = [text for text in acknowledged if not counted[text]]
    doubled = [text for text, number in counted.items() if number > 1]
    return [f'{len(texts)} {what}: {texts[:3]}' for texts, what in ((lost, 'lost'), (doubled, 'doubled')) if texts]
