"""Words for tests of tasks, and jobs that leave a trace."""
import itertools
import threading
import time

import sqlalchemy as sa

from app import db
from app.models import Task
from app.tasks import GiveUp, enqueue, job, long_job, report
from tests.base import AppTestCase, TestConfig

ran: list[str] = []
may_end = threading.Event()


@job
def note(word: str) -> None:
    """Leave a trace."""
    ran.append(word)


@job
def fail(word: str) -> None:
    """A job with a fault."""
    raise RuntimeError(f'no {word} today')


@job
def refuse(word: str) -> None:
    """A job that never can be done."""
    raise GiveUp(f'never any {word}')


@job
def linger(word: str) -> None:
    """A job that takes its time."""
    ran.append(word)
    may_end.wait(60)


@job
def plod(word: str) -> None:
    """A job that says how far it is until it may end."""
    ran.append(word)
    for percent in itertools.cycle((50, 51)):
        if may_end.wait(0.02):
            break
        report(percent)


@long_job
def pack(word: str) -> None:
    """A job that takes minutes."""
    linger(word)


class TaskCase(AppTestCase):
    """A test with a few words for the newest task."""

    def setUp(self):
        super().setUp()
        ran.clear()
        may_end.clear()
        self.addCleanup(may_end.set)

    def add(self, function, **options):
        with self.app.app_context():
            enqueue(function, word='tea', **options)
            db.session.commit()

    def task(self) -> Task:
        with self.app.app_context():
            return db.session.scalar(sa.select(Task))

    def task_named(self, name: str) -> Task:
        with self.app.app_context():
            return db.session.scalar(sa.select(Task).where(Task.name == name))

    def change(self, **values):
        with self.app.app_context():
            db.session.execute(sa.update(Task).values(values))
            db.session.commit()

    def wait_for(self, happened, seconds: float = 60):
        deadline = time.monotonic() + seconds
        while not happened() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertTrue(happened())


class ThreadedConfig(TestConfig):
    """A site whose threads run tasks, as on a running site."""

    TASK_THREADS = 2
