"""Time-ordered 64-bit ids: milliseconds since 1970 UTC shifted left by 16 bits, the low bits random.

Order by id is order in time on every database, and an id gives no counts away.
"""
import secrets
import threading
from datetime import UTC, datetime, timedelta

from app.models.types import utcnow

LOW_BITS = 16
MAX_ID = 2**63 - 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(minutes=1)

_lock = threading.Lock()
_last = 0


def new_id() -> int:
    """An id for this moment, above every id that this process has drawn before."""
    global _last
    with _lock:
        drawn = id_at(utcnow())
        if drawn <= _last:
            drawn = _last + 1
        _last = drawn
    return drawn


def id_at(moment: datetime) -> int:
    """An id for the given moment (aware, or naive UTC); ValueError before 1970 or more than a minute ahead."""
    moment = aware(moment)
    if moment < EPOCH:
        raise ValueError('a timestamp before 1970 has no id')
    if moment > utcnow() + LEEWAY:
        raise ValueError('a timestamp lies in the future')
    return first_id(moment) | secrets.randbits(LOW_BITS)


def first_id(moment: datetime) -> int:
    """The lowest id that belongs to the millisecond of `moment`."""
    return (aware(moment) - EPOCH) // timedelta(milliseconds=1) << LOW_BITS


def moment_of(id: int) -> datetime:
    """The moment that an id was drawn for, to the millisecond."""
    return EPOCH + timedelta(milliseconds=id >> LOW_BITS)


def aware(moment: datetime) -> datetime:
    """The same moment with its zone; a naive one is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
