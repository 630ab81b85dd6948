"""Who runs a task: its row is taken, kept, given back and ended by one statement each, and one runner alone has it."""
import random
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import Task, rows_changed, utcnow
from app.tasks import DONE, FAILED, RUNNING, WAITING, GiveUp, long_jobs

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=1)
FEWEST_TRIES = 8  # also of what waited for days because nobody did the work
AT_ONCE = 10  # candidates: when others take the first ones, one is left


class Claim(NamedTuple):
    """A task that this process runs. Each claim has a new number: whoever lost a task can neither end nor keep it."""

    id: int
    attempt: int


class Lost(Exception):
    """The task is another runner's by now, or was deleted with its owner: what was done for it is taken back."""


running: set[Claim] = set()  # in this process


def take(*conditions: sa.ColumnElement[bool]) -> Claim | None:
    """Take the task that has been due for longest, and commit; None when none is due."""
    due = sa.select(Task.id, Task.attempts).where(is_due(), *conditions)
    for id, attempts in db.session.execute(due.order_by(Task.run_after).limit(AT_ONCE)).all():
        taken = sa.update(Task).where(Task.id == id, Task.state == WAITING, Task.attempts == attempts).values(
            state=RUNNING, attempts=attempts + 1, heartbeat=utcnow(), progress=0)
        if rows_changed(taken):  # two runners may try, and one finds it waiting
            db.session.commit()
            return Claim(id, attempts + 1)
    db.session.rollback()
    return None


def is_one_due() -> bool:
    """True when a task waits to be run now."""
    return db.session.scalar(sa.select(Task.id).where(is_due()).limit(1)) is not None


def is_due() -> sa.ColumnElement[bool]:
    """That a task waits to be run now, and is not a long one beside another."""
    other = so.aliased(Task)
    is_busy = sa.exists().where(other.state == RUNNING, other.name.in_(long_jobs))
    return sa.and_(Task.state == WAITING, Task.run_after <= utcnow(), Task.name.not_in(long_jobs) | ~is_busy)


def is_held(claim: Claim) -> sa.ColumnElement[bool]:
    """That the task is still the one that was taken, and nobody else's."""
    return sa.and_(Task.id == claim.id, Task.state == RUNNING, Task.attempts == claim.attempt)


def finish(claim: Claim) -> None:
    """Mark a task as done, in the transaction of its work; Lost when it is no longer ours. Its arguments go."""
    done = sa.update(Task).where(is_held(claim)).values(
        state=DONE, error='', progress=100, arguments=None, finished_at=utcnow())
    if not rows_changed(done):
        raise Lost


def put_back(claim: Claim, error: Exception) -> None:
    """Let a task that failed wait, longer each time, or give it up: it is kept for a while, to be seen and retried."""
    created_at = db.session.scalar(sa.select(Task.created_at).where(is_held(claim)))
    if created_at is None:
        return
    reason, delay = f'{type(error).__name__}: {error}'[:500], delay_after(claim.attempt)
    values: dict = {'state': WAITING, 'run_after': utcnow() + delay}
    if isinstance(error, GiveUp) or is_too_late(claim, created_at - delay):
        values = {'state': FAILED, 'finished_at': utcnow()}
    rows_changed(sa.update(Task).where(is_held(claim)).values(error=reason, heartbeat=None, **values))


def give_back(claim: Claim, *, seen: datetime | None = None, after: timedelta = timedelta()) -> None:
    """Let another runner take a task: at once or later, and only if its heartbeat is the one that was seen."""
    same = Task.heartbeat.is_not_distinct_from(seen) if seen is not None else sa.true()
    rows_changed(sa.update(Task).where(is_held(claim), same).values(
        state=WAITING, heartbeat=None, run_after=utcnow() + after))


def give_up(claim: Claim, seen: datetime | None, reason: str) -> None:
    """End a task that nobody runs any more."""
    rows_changed(sa.update(Task).where(is_held(claim), Task.heartbeat.is_not_distinct_from(seen)).values(
        state=FAILED, error=reason, heartbeat=None, finished_at=utcnow()))


def beat(claims: Collection[Claim]) -> None:
    """Say that these tasks still run, so that nobody takes them over."""
    for claim in claims:
        rows_changed(sa.update(Task).where(is_held(claim)).values(heartbeat=utcnow()))


def is_too_late(claim: Claim, created_at: datetime) -> bool:
    """True when a task was tried for long enough."""
    return claim.attempt >= FEWEST_TRIES and created_at < utcnow() - GIVE_UP_AFTER


def delay_after(attempt: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, and never quite as long as others."""
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 nobody gains by guessing it  # nosec B311
    return min(FIRST_DELAY * 2 ** min(attempt - 1, 20), LONGEST_DELAY) * jitter
