"""The default runner: a few threads inside the web process, started after the fork and drained at its end."""
import atexit
import random
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from app.database import again_when_broken_off
from app.extensions import db
from app.models import Task, add_once, rows_changed, utcnow
from app.tasks import DONE, FAILED, RUNNING, WAITING, GiveUp, jobs, listeners, periodic, rhythm

POLL_SECONDS = 2
STALE = timedelta(minutes=10)
SWEEP = timedelta(minutes=1)
SKEW = timedelta(minutes=1)  # by which the clocks of several hosts may differ
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=1)
DRAIN_SECONDS = 10


class Runner:
    """Threads that take due tasks, one each at a time, until told to stop, and one that keeps the tasks in order."""

    def __init__(self, app: Flask):
        self.app = app
        self.stopping = threading.Event()
        self.waker = threading.Semaphore(0)
        self.running: set[int] = set()
        count = app.config['TASK_THREADS']
        self.threads = [threading.Thread(target=self.work, name=f'tasks-{n}', daemon=True) for n in range(count)]
        self.threads.append(threading.Thread(target=self.keep, name='tasks-keeper', daemon=True))
        for thread in self.threads:
            thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self.waker.release()

    def stop(self) -> None:
        """Let running tasks end, for a while; what is left waits for the next start."""
        self.stopping.set()
        for _thread in self.threads:
            self.waker.release()
        end = time.monotonic() + DRAIN_SECONDS
        for thread in self.threads:
            thread.join(max(end - time.monotonic(), 0))

    def work(self) -> None:
        """Run due tasks until told to stop; no fault of a task or of the database may end the thread."""
        while not self.stopping.is_set():
            if not self.unharmed(self.turn):
                self.waker.acquire(timeout=POLL_SECONDS)

    def keep(self) -> None:
        """Once a minute say which tasks still run here, and look after all others."""
        while not self.stopping.is_set():
            self.unharmed(self.tidy)
            self.stopping.wait(SWEEP.total_seconds())

    def unharmed(self, act: Callable[[], bool | None]) -> bool | None:
        """What the act returns; None after a fault, which goes to the log."""
        try:
            return act()
        except DBAPIError as error:
            self.app.logger.warning('The task runner waits for the database: %s', error.orig)
        except Exception:
            self.app.logger.exception('The task runner met an error and goes on')
        return None

    def turn(self) -> bool:
        """Run one due task; False when there is none."""
        with self.app.app_context():
            id = claim()
        if id is None:
            return False
        self.running.add(id)
        try:
            run(self.app, id)
        finally:
            self.running.discard(id)
        return True

    def tidy(self) -> None:
        with self.app.app_context():
            beat(self.running.copy())
            sweep()


def init_app(app: Flask) -> None:
    """Start the threads when the first task is committed or the first page is asked for, never before a fork."""
    listeners[:] = [_wake]
    if not app.testing:
        app.before_request(lambda: start(app))


_runner: Runner | None = None
_starting = threading.Lock()


def start(app: Flask) -> None:
    """Start this process's threads, once; a database in memory belongs to one thread and gets none."""
    global _runner
    if _runner is not None or not app.config['TASK_THREADS'] or _in_memory(app):
        return
    with _starting:
        if _runner is None:
            _runner = Runner(app)
            atexit.register(stop)


def stop() -> None:
    """Stop this process's threads."""
    global _runner
    with _starting:
        running, _runner = _runner, None
    if running is not None:
        running.stop()


def _wake() -> None:
    start(current_app._get_current_object())  # type: ignore[attr-defined]
    if _runner is not None:
        _runner.wake()


def _in_memory(app: Flask) -> bool:
    return app.config['SQLALCHEMY_DATABASE_URI'] in ('sqlite://', 'sqlite:///:memory:')


def run_due(app: Flask) -> int:
    """Run everything that is due now, in this thread; how many tasks ran."""
    count = 0
    with app.app_context():
        id = claim()
    while id is not None:
        run(app, id)
        count += 1
        with app.app_context():
            id = claim()
    return count


def claim() -> int | None:
    """Take one due task; two runners never get the same one, since one update alone finds it waiting."""
    due = sa.select(Task.id).where(Task.state == WAITING, Task.run_after <= utcnow()).order_by(Task.run_after)
    for id in db.session.scalars(due.limit(10)).all():
        taken = sa.update(Task).where(Task.id == id, Task.state == WAITING).values(
            state=RUNNING, attempts=Task.attempts + 1, heartbeat=utcnow())
        if rows_changed(taken):
            db.session.commit()
            return id
    db.session.rollback()
    return None


def run(app: Flask, id: int) -> None:
    """Run a claimed task; what it changes and that it is done are one commit."""
    with app.test_request_context(base_url=app.config['SITE_URL']):
        task = db.session.get(Task, id)
        if task is None:  # its owner was deleted meanwhile
            return
        name, arguments = task.name, task.arguments or {}
        try:
            again_when_broken_off(db.session, lambda: complete(id, name, arguments))
        except Exception as error:
            db.session.rollback()
            app.logger.exception('Task %s (%s) failed', id, name)
            _put_back(id, error)
            db.session.commit()


def complete(id: int, name: str, arguments: dict) -> None:
    """Do the work and commit it."""
    find(name)(**arguments)
    _finish(id, DONE)
    db.session.commit()


def find(name: str) -> Callable:
    """The job of this name; GiveUp when there is none (any more)."""
    if name not in jobs:
        raise GiveUp(f'there is no job {name}')
    return jobs[name]


def beat(ids: Collection[int]) -> None:
    """Say that these tasks still run, so that nobody takes them over."""
    if ids:
        rows_changed(sa.update(Task).where(Task.id.in_(ids), Task.state == RUNNING).values(heartbeat=utcnow()))
        db.session.commit()


def sweep() -> None:
    """Put back what a killed process left running, give up what kills each, and queue the periodic jobs."""
    now = utcnow()
    left = sa.and_(Task.state == RUNNING, Task.heartbeat < now - STALE)
    rows_changed(sa.update(Task).where(left, Task.created_at < now - GIVE_UP_AFTER).values(
        state=FAILED, error='the process ended while it ran', arguments=None, finished_at=now))
    rows_changed(sa.update(Task).where(left).values(state=WAITING, run_after=now))
    _follow_clock(now)
    for name in periodic:
        key = rhythm(name, now)
        if db.session.scalar(sa.select(Task.id).where(Task.key == key)) is None:
            add_once(Task(name=name, arguments={}, key=key))
    db.session.commit()


def _follow_clock(now: datetime) -> None:
    """Let what was queued before the clock was set back wait as long as it was meant to, and not for that longer."""
    ahead = sa.select(Task.id, Task.created_at, Task.run_after).where(
        Task.state == WAITING, Task.created_at > now + SKEW).limit(100)
    for id, created_at, run_after in db.session.execute(ahead).all():
        rows_changed(sa.update(Task).where(Task.id == id).values(
            created_at=now, run_after=now + (run_after - created_at)))


def _finish(id: int, state: str, error: str = '') -> None:
    """End a task; its arguments go, since they may hold a letter."""
    rows_changed(sa.update(Task).where(Task.id == id).values(
        state=state, error=error, arguments=None, finished_at=utcnow()))


def _put_back(id: int, error: Exception) -> None:
    """Let a failed task wait longer each time, or give it up."""
    task = db.session.get(Task, id)
    if task is None:
        return
    reason = f'{type(error).__name__}: {error}'[:500]
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 nobody gains by guessing it  # nosec B311
    delay = min(FIRST_DELAY * 2 ** min(task.attempts - 1, 20), LONGEST_DELAY) * jitter
    if isinstance(error, GiveUp) or utcnow() + delay > task.created_at + GIVE_UP_AFTER:
        _finish(id, FAILED, reason)
        return
    rows_changed(sa.update(Task).where(Task.id == id).values(state=WAITING, error=reason, run_after=utcnow() + delay))
