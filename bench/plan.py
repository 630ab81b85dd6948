"""What a data set of a size holds: people, readers, follows. Everything follows from the number of posts alone."""
import re
from dataclasses import dataclass
from functools import cached_property

FOLLOWS = (0, 10, 200, 1000, 5000)
KINDS = ('quiet', 'busy', 'mixed')
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
    """A data set. Readers have the first ids, the authors those that follow."""

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
        return len(self.readers) + self.authors

    @property
    def author_ids(self) -> range:
        return range(len(self.readers) + 1, self.people + 1)

    def reader(self, name: str) -> Reader:
        """The reader of this name; KeyError when nobody can follow as many."""
        return {reader.name: reader for reader in self.readers}[name]


def parse_size(text: str) -> Plan:
    """A plan from what somebody writes for its number of posts: 500, 10k, 1M."""
    found = re.fullmatch('([1-9][0-9]{0,4})([kM]?)', text)
    if not found:
        raise ValueError(f'{text} is not a size like 10k or 1M')
    return Plan(int(found[1]) * UNITS[found[2]])
