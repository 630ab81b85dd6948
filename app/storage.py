"""Files kept as rows: each piece is written, read and removed by a short statement of its own.

Nothing stays open while a client takes its time, and nobody waits for SQLite's one lock longer than a piece takes.
"""
import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.exceptions import AccountGone
from app.extensions import db
from app.models import Export, ExportPart

PART = 256 * 1024  # bytes
REMOVED_AT_ONCE = 40  # 10 MB, a fraction of a second


class NewFile:
    """What a run writes of an export, from beginning to end; complete once it is closed."""

    def __init__(self, export_id: int):
        self.export_id, self.run = export_id, secrets.randbits(62)
        self.number = self.size = 0
        self.waiting = bytearray()

    def write(self, data: bytes) -> int:
        """Take a few bytes more; AccountGone when nobody is left to give them to."""
        self.waiting += data
        self.size += len(data)
        while len(self.waiting) >= PART:
            self._store(bytes(self.waiting[:PART]))
            del self.waiting[:PART]
        return len(data)

    def flush(self) -> None:
        """Nothing to do: only the last piece may be shorter than the others."""

    def close(self) -> None:
        """Store what is left."""
        if self.waiting:
            self._store(bytes(self.waiting))
            self.waiting.clear()

    def _store(self, content: bytes) -> None:
        part = sa.insert(ExportPart).values(export_id=self.export_id, run=self.run, number=self.number,
                                            content=content)
        try:
            with db.engine.begin() as connection:
                connection.execute(part)
        except IntegrityError as error:
            raise AccountGone('export') from error
        self.number += 1


@contextmanager
def new_file(export_id: int) -> Iterator[NewFile]:
    """A file to be written; nothing stays of one that is not written to its end."""
    file, is_whole = NewFile(export_id), False
    try:
        yield file
        file.close()
        is_whole = True
    finally:
        if not is_whole:
            remove_parts(ExportPart.export_id == export_id, ExportPart.run == file.run)


class StoredFile(io.RawIOBase):
    """A file as it was stored, to be read from any place; it asks the engine at hand, so it outlives its request."""

    def __init__(self, export: Export):
        self.engine = db.engine
        self.export_id, self.run, self.size = export.id, export.run, export.size
        self.position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, as in every file."""
        self.position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        return self.position

    def tell(self) -> int:
        return self.position

    def readinto(self, buffer) -> int:
        """Read up to the end of a piece; OSError when it was removed meanwhile."""
        if self.position >= self.size:
            return 0
        number, start = divmod(self.position, PART)
        data = self._part(number)[start:start + len(buffer)]
        buffer[:len(data)] = data
        self.position += len(data)
        return len(data)

    def _part(self, number: int) -> bytes:
        part = sa.select(ExportPart.content).where(
            ExportPart.export_id == self.export_id, ExportPart.run == self.run, ExportPart.number == number)
        with self.engine.connect() as connection:
            content = connection.scalar(part)
        if content is None:
            raise OSError('the file is not there any more')
        return content


def remove_parts(*which: sa.ColumnElement[bool]) -> None:
    """Remove pieces, some at a time."""
    key = ExportPart.export_id, ExportPart.run, ExportPart.number
    while True:
        with db.engine.begin() as connection:
            found = connection.execute(sa.select(*key).where(*which).limit(REMOVED_AT_ONCE)).all()
            for values in found:
                same = (column == value for column, value in zip(key, values, strict=True))
                connection.execute(sa.delete(ExportPart).where(*same))
        if len(found) < REMOVED_AT_ONCE:
            return
