"""What every runner does for all tasks now and then: say which it runs, take over, and queue periodic work.

Whether a process is dead is told by our own clock: its heartbeat has to stand still while we look. So the clocks of
hosts may differ, and after a time without the database nobody takes over what others still run.
"""
import time
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.extensions import db
from app.models import Task, add_once, rows_changed, utcnow
from app.tasks import RUNNING, WAITING, claims, periodic, rhythm

BEAT_SECONDS = 10
STALE_SECONDS = 60  # without a heartbeat
ROUND_SECONDS = 60
SKEW = timedelta(minutes=1)  # by which the clocks of several hosts may differ


class Keeper:
    """Looks after the tasks of this process, and after those that others left."""

    def __init__(self) -> None:
        self.seen: dict[tuple[claims.Claim, datetime | None], float] = {}  # heartbeats, and since when they stand
        self.next_round = 0.0

    def tidy(self) -> None:
        """Do what is due, each in a transaction of its own."""
        seen, self.seen = self.seen, {}  # forgotten when the database fails now: others could not say that they live
        claims.beat(list(claims.running))
        db.session.commit()
        self.seen = take_over(seen)
        db.session.commit()
        if time.monotonic() >= self.next_round:
            queue_periodic()
            self.next_round = time.monotonic() + ROUND_SECONDS


def take_over(seen: dict) -> dict:
    """Put back what a killed process left, and give up what kills each; the heartbeats that stand, and since when."""
    now, standing = time.monotonic(), {}
    rows = sa.select(Task.id, Task.attempts, Task.heartbeat, Task.created_at).where(Task.state == RUNNING)
    for id, attempts, heartbeat, created_at in db.session.execute(rows).all():
        claim = claims.Claim(id, attempts)
        since = standing[claim, heartbeat] = seen.get((claim, heartbeat), now)
        if now - since < STALE_SECONDS:
            continue
        if claims.is_too_late(claim, created_at):
            claims.give_up(claim, heartbeat, 'the process ended while it ran')
        else:
            after = claims.delay_after(attempts - 1) if attempts > 1 else timedelta()
            claims.give_back(claim, seen=heartbeat, after=after)
    return standing


def queue_periodic() -> None:
    """Queue the periodic jobs: every runner tries, and the key lets one win."""
    now = utcnow()
    _follow_clock(now)
    keys = {rhythm(name, now): name for name in periodic}
    there = set(db.session.scalars(sa.select(Task.key).where(Task.key.in_(keys))))
    for key in sorted(keys.keys() - there):
        if add_once(Task(name=keys[key], arguments={}, key=key)):
            db.session.info['has_new_tasks'] = True
    db.session.commit()


def _follow_clock(now: datetime) -> None:
    """Let what was queued before the clock was set back wait as long as it was meant to, and not for that longer."""
    ahead = sa.select(Task.id, Task.created_at, Task.run_after).where(
        Task.state == WAITING, Task.created_at > now + SKEW).limit(100)
    for id, created_at, run_after in db.session.execute(ahead).all():
        rows_changed(sa.update(Task).where(Task.id == id).values(
            created_at=now, run_after=now + (run_after - created_at)))
