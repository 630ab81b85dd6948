"""Password hashes: Argon2id (RFC 9106) with 19 MiB and two passes, at most two at once in a process."""
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from app import turnstile
from app.exceptions import Busy

MEMORY_KIB = 19456
PASSES = 2
LANES = 1
AT_ONCE = 2
IN_ALL = 8  # at work or waiting: the other threads of the process stay free for readers
LONGEST = 128
NOBODY = f'$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${"A" * 22}${"A" * 43}'  # no password has this hash

_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(IN_ALL)


def hash_password(password: str) -> str:
    """The hash to store; Busy when too many wait. Compatibility forms are one password (NIST SP 800-63B-3)."""
    with _turn():
        return _hasher().hash(_normal(password))


def verify_password(hash: str, password: str) -> bool:
    """True when the hash was made from this password; too long a password costs the same and is wrong."""
    from argon2.exceptions import InvalidHashError, VerificationError
    try:
        with _turn():
            _hasher().verify(hash, _normal(password))
    except InvalidHashError:
        return waste_time(password)
    except VerificationError:
        return False
    return len(password) <= LONGEST


def waste_time(password: str) -> bool:
    """Take as long as `verify_password` for an account that does not exist; always false."""
    verify_password(NOBODY, password)
    return False


def needs_rehash(hash: str) -> bool:
    """True when a hash was made with other costs than today's."""
    return _hasher().check_needs_rehash(hash)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for one of the turns; Busy when too many wait already."""
    if not _places.acquire(blocking=False):
        raise Busy('passwords')
    try:
        with turnstile.requests.aside(), _turns:
            yield
    finally:
        _places.release()


def _normal(password: str) -> bytes:
    return unicodedata.normalize('NFKC', password[:LONGEST]).encode('utf-8', 'surrogatepass')


@cache
def _hasher():
    from argon2 import PasswordHasher  # only when somebody logs in: it loads a C library
    return PasswordHasher(memory_cost=MEMORY_KIB, time_cost=PASSES, parallelism=LANES)

