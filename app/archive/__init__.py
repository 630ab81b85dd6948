"""Everything that is a person's own as one ZIP file: JSON for programs (docs/export.md), pages for people.

It is written from beginning to end in one stream, so that neither memory nor a disk has to hold it.
"""
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TypeVar

from app.archive import data, pages
from app.models import User, utcnow
from app.queries import own

T = TypeVar('T')
LARGE = 200_000  # posts; more of them may fill a file of 2 GB, of which a ZIP file has to know beforehand

Counted = Callable[[Iterable[T]], Iterator[T]]


def write(file, user: User, language: str, report: Callable[[int], None]) -> None:
    """Write a person's archive into a file that only grows; `report` hears how many per cent of it are done."""
    counted = _counting(_expected(user), report)
    with zipfile.ZipFile(file, 'w') as target:
        archive = Archive(target, own.posts_count(user) > LARGE)
        picture = own.picture(user)
        if picture is not None:
            archive.add(data.picture_name(picture), picture.picture)
        for name, content in data.single(user, picture):
            archive.add(f'data/{name}.json', data.encoded(content))
        for name, rows in data.lists(user):
            archive.stream(f'data/{name}.json', data.array(counted(rows)))
        for name, page in pages.draw(user, picture, language, counted):
            archive.add(name, page.encode())


class Archive:
    """A ZIP file that is being written."""

    def __init__(self, target: zipfile.ZipFile, is_large: bool):
        self.target, self.is_large, self.moment = target, is_large, utcnow()

    def add(self, name: str, content: bytes) -> None:
        """Write a file at once."""
        self.stream(name, [content])

    def stream(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file as its pieces come."""
        with self._entry(name) as entry:
            for piece in pieces:
                entry.write(piece)

    @contextmanager
    def _entry(self, name: str) -> Iterator[IO[bytes]]:
        entry = zipfile.ZipInfo(name, self.moment.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        with self.target.open(entry, 'w', force_zip64=self.is_large) as opened:
            yield opened


def _expected(user: User) -> int:
    """How many rows will be written, about: each stands in a list and on a page."""
    return 2 * (own.posts_count(user) + user.following_number + user.followers_number + own.messages_count(user)) + 1


def _counting(total: int, report: Callable[[int], None]) -> Counted:
    """What counts rows as they pass, and says after each how far that is."""
    done = 0

    def counted(rows: Iterable[T]) -> Iterator[T]:
        nonlocal done
        for row in rows:
            yield row
            done += 1
            report(min(done * 100 // total, 99))
    return counted
