"""What a run prints, and the lines of JSON that it leaves."""
import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench.measuring import Result

SMALLEST = '10k'

COLUMNS: list[tuple[str, int, Callable[[Result], str]]] = [
    ('database', -10, lambda row: row.database), ('size', 5, lambda row: row.size), ('page', -16, lambda row: row.page),
    ('reader', -10, lambda row: row.reader), ('number', 6, lambda row: str(row.number)),
    ('posts', 5, lambda row: str(row.posts)), ('kB', 5, lambda row: f'{row.kilobytes:.1f}'),
    ('clients', 7, lambda row: str(row.connections)), ('req/s', 7, lambda row: f'{row.rate:.1f}'),
    ('p50 ms', 7, lambda row: f'{row.p50:.1f}'), ('p99 ms', 7, lambda row: f'{row.p99:.1f}'),
    ('app ms', 7, lambda row: f'{row.app_cpu:.2f}'),
    ('db ms', 6, lambda row: '-' if row.database_cpu is None else f'{row.database_cpu:.2f}'),
    ('errors', 6, lambda row: str(row.errors)), ('PSS MB', 6, lambda row: f'{row.pss:.0f}')]


class Table:
    """The results of a run, printed as they come, each compared with the ceiling and with the smallest data set."""

    def __init__(self, path: Path | None, **run: object):
        self.path, self.results = path, list[Result]()
        self.reference: Result | None = None  # the ceiling that pages are compared with, as it was measured last
        self.run = {'run': f'{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}', 'machine': machine(), **run}

    def head(self) -> None:
        """The names of the columns."""
        names = ' '.join(_cell(name, width) for name, width, _ in COLUMNS)
        print(f'{names}  of ceiling: req/s   CPU  of {SMALLEST}: CPU')

    def add(self, row: Result) -> None:
        """Print a result, under the names of its columns when it is the first, and keep it."""
        if not self.results:
            self.head()
        self.results.append(row)
        cells = ' '.join(_cell(say(row), width) for _, width, say in COLUMNS)
        ratios = self.ratios(row)
        print(f'{cells}  {_ratio(ratios["rate_of_ceiling"], 17)} {_ratio(ratios["cpu_of_ceiling"], 5)} '
              f'{_ratio(ratios["cpu_of_smallest"], 12)}', flush=True)
        self.write({**row.as_dict(), **ratios})

    def ratios(self, row: Result) -> dict[str, float | None]:
        """A result against others of this run; None without them. CPU of a small page counts the database's, too."""
        top = self.reference
        small = self._first(lambda other: other.size == SMALLEST and kind_of(other) == kind_of(row))
        return {'rate_of_ceiling': _divided(row.rate, top.rate if top else None),
                'cpu_of_ceiling': _divided(row.app_cpu, top.app_cpu if top else None),
                'cpu_of_smallest': _divided(whole_cpu(row), whole_cpu(small) if small else None)}

    def write(self, values: dict) -> None:
        """Append a line of JSON."""
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, 'a') as file:
                file.write(json.dumps({**self.run, **values}) + '\n')

    def _first(self, is_it: Callable[[Result], bool]) -> Result | None:
        return next((row for row in self.results if is_it(row)), None)


def kind_of(row: Result) -> tuple:
    """What is the same in measurements that differ only in size."""
    return row.database, row.page, row.reader, row.number, row.connections


def whole_cpu(row: Result) -> float:
    """The application's and, where it is seen, the database's."""
    return row.app_cpu + (row.database_cpu or 0.0)


def machine() -> str:
    """The processors of this machine."""
    models = [line.partition(':')[2].strip() for line in Path('/proc/cpuinfo').read_text().splitlines()
              if line.startswith('model name')]
    return f'{os.cpu_count()} x {models[0] if models else platform.machine()}, Python {platform.python_version()}'


def _cell(text: str, width: int) -> str:
    return text.ljust(-width) if width < 0 else text.rjust(width)


def _divided(value: float, by: float | None) -> float | None:
    return round(value / by, 3) if by else None


def _ratio(value: float | None, width: int) -> str:
    return ('-' if value is None else f'{value:.2f}').rjust(width)
