"""How often something may be done, as the `limits` library writes it and as its items are asked.

The library itself is loaded with Redis only: it holds 2.5 MB, most of it for storages that nobody has.
"""
import re
from typing import NamedTuple

SECONDS = {'second': 1, 'minute': 60, 'hour': 3600, 'day': 86400, 'month': 30 * 86400, 'year': 360 * 86400}
RATE = re.compile(rf'([0-9]+) *(?:/|per) *(?:([0-9]+) *)?({"|".join(SECONDS)})')


class Rate(NamedTuple):
    """So many times in so many of a unit."""

    amount: int
    multiples: int
    unit: str

    def get_expiry(self) -> int:
        """The seconds that a window lasts."""
        return self.multiples * SECONDS[self.unit]

    def key_for(self, *whose: str) -> str:
        """The bucket that somebody's hits are counted in."""
        return '/'.join(('LIMITER', *whose, str(self.amount), str(self.multiples), self.unit))


def parse(text: str) -> list[Rate]:
    """The rates of a setting, which `config.limit` has checked: 10 per 5 minute; 100/day."""
    return [Rate(int(amount), int(multiples or 1), unit) for amount, multiples, unit in RATE.findall(text)]
