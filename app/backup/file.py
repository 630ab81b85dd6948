"""The file itself: written from beginning to end, there once it is whole, and checked before anything is read."""
import errno
import hashlib
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

FORMAT = 1
MANIFEST, SETTINGS = 'manifest.json', 'settings.json'
PREFIX = b'sha256:'
COMMENT = len(PREFIX) + 64  # bytes
LENGTH = 2  # bytes of the comment's length, the end of a ZIP file without one
PIECE = 1024 * 1024
LEVEL = 1  # half as long again for a tenth less


class BackupError(Exception):
    """Why there is no backup, or why it was not restored: one sentence. Nothing was changed."""


@dataclass
class Manifest:
    """What a backup says of itself. `tables`: name, columns (name and kind), rows and SHA-256 of each, in order."""

    format: int = FORMAT
    version: str = ''  # of Microblog
    revision: str = ''  # of the schema
    database: str = ''
    made_at: str = ''
    tables: list[dict] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(table['rows'] for table in self.tables)


class Hashing:
    """A file that is written from its beginning to its end and knows the SHA-256 of all but its last two bytes."""

    def __init__(self, file: BinaryIO):
        self.file, self.hash, self.last = file, hashlib.sha256(), b''

    def write(self, data) -> int:
        """Take some bytes."""
        waiting = self.last + bytes(data)
        self.hash.update(waiting[:-LENGTH])
        self.last = waiting[-LENGTH:]
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


@contextmanager
def new(path: Path) -> Iterator[zipfile.ZipFile]:
    """A backup to be written, for its owner's eyes only; it has its name once it is whole, and no trace stays else."""
    try:
        _check_free(path)
        with _draft(path) as file:
            hashing = Hashing(file)
            with zipfile.ZipFile(hashing, 'w', zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:  # type: ignore[call-overload]
                yield archive
            _seal(file, hashing)
    except FileExistsError as error:
        raise BackupError(f'{path} is there already; choose another name.') from error
    except OSError as error:
        raise BackupError(f'{path} could not be written ({error.strerror}); nothing is left of it.') from error


def _check_free(path: Path) -> None:
    if path.exists():
        raise FileExistsError


@contextmanager
def _draft(path: Path) -> Iterator[BinaryIO]:
    """A file that has no name until the end of the block: it goes with the process, even with one that is killed."""
    try:
        handle = os.open(path.parent, os.O_RDWR | getattr(os, 'O_TMPFILE', os.O_EXCL), 0o600)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR):
            raise
        with _named_draft(path) as file:
            yield file
        return
    with os.fdopen(handle, 'r+b') as file:
        yield file
        os.link(f'/proc/self/fd/{handle}', path, src_dir_fd=handle)  # only with a folder Python follows the link


@contextmanager
def _named_draft(path: Path) -> Iterator[BinaryIO]:
    """The same on a disk that has no files without a name, as on another machine; there a killed process leaves it."""
    draft = path.with_name(f'.{path.name}.{secrets.token_hex(4)}')
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, 'r+b') as file:
            yield file
        _name(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _name(draft: Path, path: Path) -> None:
    """Give a draft its name, which nobody may have taken meanwhile; a disk without links cannot promise that."""
    try:
        os.link(draft, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        _check_free(path)
        draft.rename(path)


def _seal(file: BinaryIO, hashing: Hashing) -> None:
    """Write the digest as the comment of the ZIP file, in place of none."""
    file.seek(-LENGTH, os.SEEK_END)
    file.write(COMMENT.to_bytes(LENGTH, 'little') + PREFIX + hashing.hash.hexdigest().encode())
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A backup that is whole, and what it says of itself; BackupError else."""
    try:
        with open(path, 'rb') as file:
            if not _is_sealed(file):
                raise BackupError(f'{path} is not a whole backup: its end is missing or some of it was changed.')
            with zipfile.ZipFile(file) as archive:
                yield archive, _manifest(archive)
    except OSError as error:
        raise BackupError(f'{path} cannot be read ({error.strerror}).') from error
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError) as error:
        raise BackupError(f'{path} is no backup that this release can read ({type(error).__name__}).') from error


def _is_sealed(file: BinaryIO) -> bool:
    """True when the comment is the digest of all before it."""
    rest = os.fstat(file.fileno()).st_size - LENGTH - COMMENT
    digest = hashlib.sha256()
    while rest > 0 and (piece := file.read(min(PIECE, rest))):
        digest.update(piece)
        rest -= len(piece)
    seal = COMMENT.to_bytes(LENGTH, 'little') + PREFIX + digest.hexdigest().encode()
    is_so = rest == 0 and file.read() == seal
    file.seek(0)
    return is_so


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    said = json.loads(archive.read(MANIFEST))
    if said.get('format', 0) > FORMAT:
        raise BackupError(f'This backup was made by a newer release ({said.get("version")}); restore it with that one.')
    return Manifest(**{name: said[name] for name in asdict(Manifest())})


class Lines:
    """The rows of a table on their way in or out: how many, and the SHA-256 of their lines."""

    def __init__(self) -> None:
        self.rows, self.hash = 0, hashlib.sha256()

    def note(self, data: bytes, rows: int) -> bytes:
        """Count some lines; the same lines."""
        self.rows += rows
        self.hash.update(data)
        return data

    def described(self) -> dict:
        return {'rows': self.rows, 'sha256': self.hash.hexdigest()}


def member(name: str) -> str:
    """Where the rows of a table are."""
    return f'tables/{name}.jsonl'


def write_json(archive: zipfile.ZipFile, name: str, content: dict) -> None:
    """Write a small file of JSON."""
    archive.writestr(name, json.dumps(content, indent=1) + '\n')
