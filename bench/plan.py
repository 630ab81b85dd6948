"""What a data set of a size holds: people, readers, follows. Everything follows from the number of posts alone."""
import re
from dataclasses import dataclass
from functools import cached_property

from app.models import Visibility

FOLLOWS = (0, 10, 200, 1000, 5000)
KINDS = ('quiet', 'busy', 'mixed')
MOST_ANSWERS, ANSWER = 10_000, 5  # to the first post of all; what is left of their numbers
HIDDEN_EVERY, SHOWN = 100, 30  # posts of the person who writes for followers; so many of them, the oldest, for all
UNITS = {'': 1, 'k': 1000, 'M': 1_000_000}


@dataclass(frozen=True)
class Reader:
    """Somebody who follows so many people, of those who write seldom, much, or anyhow; who follows nobody does so."""

    id: int
    follows: int
    kind: str

    @property
    def name(self) -> str:
        return f'{self.follows}-{self.kind}'

    @property
    def username(self) -> str:
        return f'reader_{self.follows}_{self.kind}'

    @property
    def token(self) -> str:
        """What the session cookie holds."""
        return f'bench-{self.name}'


@dataclass(frozen=True)
class Plan:
    """A data set. Readers have the first ids, then come the authors, and last somebody who writes for followers only.
    """

    posts: int

    @property
    def name(self) -> str:
        """The size as it is written: 10k, 1M."""
        for unit, factor in reversed(UNITS.items()):
            if self.posts % factor == 0:
                return f'{self.posts // factor}{unit}'
        raise ValueError(self.posts)

    @property
    def authors(self) -> int:
        """One for a hundred posts, but enough for a reader to follow thousands."""
        return max(self.posts // 100, min(6000, self.posts * 3 // 5))

    @cached_property
    def readers(self) -> list[Reader]:
        kinds = [(follows, kind) for follows in FOLLOWS if follows <= self.authors for kind in KINDS]
        return [Reader(number, *kind) for number, kind in enumerate(kinds, 1)]

    @property
    def people(self) -> int:
        return len(self.readers) + self.authors + 1

    @property
    def author_ids(self) -> range:
        return range(len(self.readers) + 1, self.people)

    @property
    def hidden_id(self) -> int:
        """Who writes one post of a hundred, nearly all of them for followers."""
        return self.people

    def is_hidden(self, number: int) -> bool:
        """True for the numbers of their posts."""
        return number % HIDDEN_EVERY == 0

    def visibility_of_hidden(self, number: int) -> Visibility:
        """Who may read them: those that everybody may, a stranger finds behind all others."""
        return Visibility.PUBLIC if number <= HIDDEN_EVERY * SHOWN else Visibility.FOLLOWERS

    @property
    def answer_every(self) -> int:
        """One of so many posts answers the first of all."""
        return max(self.posts // MOST_ANSWERS, 10)

    def answers_first(self, number: int) -> bool:
        """True for the numbers of these posts."""
        return number % self.answer_every == ANSWER

    @property
    def answers(self) -> int:
        """How many they are."""
        return (self.posts - ANSWER) // self.answer_every + 1

    def reader(self, name: str) -> Reader:
        """The reader of this name; KeyError when nobody can follow as many."""
        return {reader.name: reader for reader in self.readers}[name]


def parse_size(text: str) -> Plan:
    """A plan from what somebody writes for its number of posts: 500, 10k, 1M."""
    found = re.fullmatch('([1-9][0-9]{0,4})([kM]?)', text)
    if not found:
        raise ValueError(f'{text} is not a size like 10k or 1M')
    return Plan(int(found[1]) * UNITS[found[2]])
