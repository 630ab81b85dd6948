"""The default runner: a few threads inside a process, started after the fork and drained at its end."""
import atexit
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask, current_app, g
from sqlalchemy.exc import DBAPIError

from app import metrics
from app.database import again_when_broken_off, is_unavailable
from app.extensions import db
from app.models import Task
from app.tasks import GiveUp, between, claims, jobs, listeners
from app.tasks.claims import Claim
from app.tasks.keeping import BEAT_SECONDS, Keeper
from app.tasks.pace import Pace, Stopping, note_page
from app.tasks.progress import Progress

POLL_SECONDS = 2
LOOK_SECONDS = 0.2  # of a process that hears of no commit
OUTLAST_SECONDS = 50  # then others may think that this process is dead
DRAIN_SECONDS = 10


class Runner:
    """Threads that take turns at what is to do until told to stop, and one that keeps the tasks in order."""

    def __init__(self, app: Flask, threads: int, turn: Callable[['Runner'], bool] | None = None):
        self.app = app
        self.stopping = threading.Event()
        self.woken = threading.Event()
        self.taking = threading.Lock()
        self.turn = turn or Runner.run_one
        self.threads = [threading.Thread(target=self.work, name=f'tasks-{n}', daemon=True) for n in range(threads)]
        self.threads.append(threading.Thread(target=self.keep, name='tasks-keeper', daemon=True))
        for thread in self.threads:
            thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self.woken.set()

    def stop(self) -> None:
        """Let running tasks end, for a while; what is left waits for the next start."""
        self.stopping.set()
        self.woken.set()
        end = time.monotonic() + DRAIN_SECONDS
        for thread in self.threads:
            thread.join(max(end - time.monotonic(), 0))

    def work(self) -> None:
        """Take turns until told to stop; no fault of a task or of the database may end the thread."""
        while not self.stopping.is_set():
            if not self.unharmed(lambda: self.turn(self)):
                self.unharmed(_pause)
                self.woken.wait(POLL_SECONDS)
                self.woken.clear()  # before the look that follows, which sees whatever was committed until then

    def keep(self) -> None:
        """Now and then say which tasks still run here, and look after all others."""
        keeper = Keeper()
        while not self.stopping.is_set():
            self.unharmed(lambda: self._tidy(keeper))
            self.stopping.wait(BEAT_SECONDS)

    def unharmed(self, act: Callable[[], bool | None]) -> bool | None:
        """What the act returns; None after a fault, which goes to the log."""
        try:
            return act()
        except DBAPIError as error:
            self.app.logger.warning('The task runner waits for the database: %s', error.orig)
        except Exception:
            self.app.logger.exception('The task runner met an error and goes on')
        return None

    def look(self) -> bool:
        """Wake the threads when something is due; the statement reads one entry of an index."""
        with self.app.app_context():
            is_due = claims.is_one_due()
        if is_due:
            self.wake()
        return is_due

    def run_one(self) -> bool:
        """Run one due task; False when there is none."""
        with self.taking, self.app.app_context():  # two threads must not begin two long jobs at one moment
            claim = claims.take()
        if claim is None:
            return False
        pace = Pace(self.stopping)
        run(self.app, claim, pace.breathe)
        pace.rest()
        return True

    def _tidy(self, keeper: Keeper) -> None:
        with self.app.app_context():
            keeper.tidy()


def init_app(app: Flask) -> None:
    """Start the threads when the first task is committed or the first page is asked for, never before a fork."""
    listeners[:] = [_wake]
    if not app.testing:
        app.before_request(lambda: _note_page(app))


_runner: Runner | None = None
_starting = threading.Lock()
_ending = threading.Event()


def start(app: Flask) -> None:
    """Start this process's threads, once; a database in memory belongs to one thread and gets none."""
    has_broker, count = bool(app.config['CELERY_BROKER_URL']), app.config['TASK_THREADS']
    if _runner is None and (has_broker or count) and not _in_memory(app):
        begin(app, 1 if has_broker else count, _teller(app) if has_broker else None)


def begin(app: Flask, threads: int, turn: Callable[[Runner], bool] | None = None) -> Runner:
    """The runner of this process, started with so many threads unless it was there."""
    global _runner
    with _starting:
        if _runner is None:
            _ending.clear()
            _runner = Runner(app, threads, turn)
            atexit.register(stop)
        return _runner


def has_begun() -> bool:
    """True while this process has threads."""
    return _runner is not None


def _teller(app: Flask) -> Callable[[Runner], bool]:
    from app.tasks.broker import Teller
    return Teller(app).turn


def serve(app: Flask, threads: int, ended: threading.Event) -> None:
    """Be a process that runs tasks until told to end; it looks five times a second for what others committed."""
    here = begin(app, threads)
    while not ended.wait(LOOK_SECONDS):
        if here.unharmed(here.look) is None:
            ended.wait(POLL_SECONDS)
    stop()


def stop() -> None:
    """Stop this process's threads; while they end, what they commit starts no new ones."""
    global _runner
    with _starting:
        _ending.set()
        if _runner is not None:
            _runner.stop()
            _runner = None


def _note_page(app: Flask) -> None:
    note_page()
    start(app)


def _wake() -> None:
    start(current_app._get_current_object())  # type: ignore[attr-defined]
    if _runner is not None:
        _runner.wake()


def _pause() -> None:
    for act in between:
        act()


def _in_memory(app: Flask) -> bool:
    return app.config['SQLALCHEMY_DATABASE_URI'] in ('sqlite://', 'sqlite:///:memory:')


def run_due(app: Flask) -> int:
    """Run everything that is due now, in this thread; how many tasks ran."""
    count = 0
    while claim := _take(app):
        run(app, claim)
        count += 1
    return count


def _take(app: Flask) -> Claim | None:
    with app.app_context():
        return claims.take()


def run(app: Flask, claim: Claim, breathe: Callable[[], None] = lambda: None) -> None:
    """Run a claimed task; what it changes and that it is done are one commit."""
    claims.running.add(claim)
    try:
        with app.test_request_context(base_url=app.config['SITE_URL']):
            g.progress = Progress(claim, breathe)
            _carry_out(app, claim)
    finally:
        claims.running.discard(claim)


def _carry_out(app: Flask, claim: Claim) -> None:
    known = sa.select(Task.name, Task.arguments, Task.created_at, Task.request_id).where(claims.is_held(claim))
    row = db.session.execute(known).one_or_none()
    if row is None:  # its owner was deleted meanwhile
        return
    name, arguments, created_at, g.task_request_id = row
    g.progress.mark = f'{claim.id}.{created_at.timestamp():.6f}'
    try:
        _outlast(lambda: complete(claim, name, arguments or {}))
    except claims.Lost:
        db.session.rollback()
        app.logger.warning('Task %s (%s) is not ours any more; what it did is taken back', claim.id, name)
    except Stopping:
        db.session.rollback()
        claims.give_back(claim)
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        app.logger.exception('Task %s (%s) failed', claim.id, name)
        metrics.count('tasks', name, 'failed')
        claims.put_back(claim, error)
        if isinstance(error, GiveUp):
            error.after()
        db.session.commit()


def _outlast(act: Callable[[], None]) -> None:
    """Do it again here when the database was away at its end: this process knows which letters it has sent."""
    end = time.monotonic() + OUTLAST_SECONDS
    while True:
        try:
            return again_when_broken_off(db.session, act)
        except DBAPIError as error:
            db.session.rollback()
            if not is_unavailable(error) or time.monotonic() > end or _ending.wait(POLL_SECONDS):
                raise


def complete(claim: Claim, name: str, arguments: dict) -> None:
    """Do the work and commit it, unless the task is somebody else's by now."""
    find(name)(**arguments)
    claims.finish(claim)
    db.session.commit()
    metrics.count('tasks', name, 'done')


def find(name: str) -> Callable:
    """The job of this name; GiveUp when there is none (any more)."""
    if name not in jobs:
        raise GiveUp(f'there is no job {name}')
    return jobs[name]
