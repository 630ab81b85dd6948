"""A site with a mail server, and everybody who may do its work: its own threads, processes, Celery's workers."""
import os
import signal
import subprocess
import time
from collections import Counter

import sqlalchemy as sa

from app import db
from app.email import send_email
from app.models import Task
from bench.faults.databases import Database
from bench.faults.site import Site
from tests.limits.redis_server import RedisServer
from tests.mailbox import Mailbox

RUNNERS = ('threads', 'process', 'celery')
PATIENCE = 240


class Workshop:
    """`runner` says who works; there may be several of them."""

    def __init__(self, database: Database, runner: str, number: int = 1):
        self.mailbox = Mailbox()
        self.redis = RedisServer() if runner == 'celery' else None
        settings = {'MAIL_SERVER': '127.0.0.1', 'MAIL_PORT': str(self.mailbox.port),
                    'TASK_THREADS': '2' if runner == 'threads' else '0'}
        if self.redis:
            settings['CELERY_BROKER_URL'] = f'redis://127.0.0.1:{self.redis.port}/0'
        self.site = Site(database, workers=number if runner == 'threads' else 1, **settings)
        self.runner = runner
        self.workers = [self.start_worker() for _ in range(number if runner != 'threads' else 0)]

    def start_worker(self) -> subprocess.Popen:
        """One more process that works."""
        command = ('flask', 'tasks', 'run') if self.runner == 'process' else (
            'celery', '-A', 'microblog.celery', 'worker', '--concurrency', '2')
        scratch = self.site.scratch
        with open(scratch.folder / 'worker', 'a') as output:
            return subprocess.Popen(['venv/bin/python', '-m', *command], cwd=scratch.root, stdout=output,
                                    stderr=output, env=scratch.environment(**self.site.settings),
                                    start_new_session=True)

    def kill_worker(self) -> None:
        """End one of those who work at once, and start another if nobody else does."""
        if self.runner == 'threads':
            os.kill(self.site.workers()[0], signal.SIGKILL)  # gunicorn starts another
            return
        worker = self.workers.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.workers.append(self.start_worker())

    def write(self, number: int, word: str = 'letter') -> list[str]:
        """Queue so many letters in one commit; their subjects."""
        subjects = [f'{word} {n}' for n in range(number)]
        with self.site.app.app_context():
            db.session.execute(sa.select(1))
            for subject in subjects:
                send_email(subject, 'site@example.com', ['susan@example.com'], 'A line of text.\n' * 20, None)
            db.session.commit()
            db.engine.dispose()
        return subjects

    def arrived(self) -> list[str]:
        """The subjects of what has come, in its order."""
        return [letter['Subject'] for letter in list(self.mailbox.letters)]

    def names(self) -> set[tuple[str, str]]:
        """Subject and Message-ID of what has come: whoever is killed when a letter is sent sends the same one again."""
        return {(letter['Subject'], letter['Message-ID']) for letter in list(self.mailbox.letters)}

    def wait_for(self, happened, seconds: float = PATIENCE) -> bool:
        """Wait until something is so; False when it was not in time."""
        end = time.monotonic() + seconds
        while not happened() and time.monotonic() < end:
            time.sleep(0.1)
        return happened()

    def states(self) -> Counter:
        """How many letters are in which state."""
        try:
            with self.site.app.app_context():
                rows = db.session.execute(sa.select(Task.state).where(Task.name == 'deliver')).all()
                db.engine.dispose()
        except sa.exc.DBAPIError:
            return Counter(unknown=1)
        return Counter(state for state, in rows)

    def is_over(self) -> bool:
        """True when all letters are done."""
        return set(self.states()) == {'done'}

    def most_attempts(self) -> int:
        """How often a letter was tried at most."""
        return self.site.database.values("SELECT MAX(attempts) FROM task WHERE name = 'deliver'")[0]

    def remove(self) -> None:
        """End everything."""
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            try:
                worker.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(worker.pid, signal.SIGKILL)
        self.site.remove()
        self.mailbox.stop()
        if self.redis:
            self.redis.stop()
