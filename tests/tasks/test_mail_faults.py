"""A mail server that refuses, resets, hangs, breaks off or talks nonsense: no page waits, and the letter comes once."""
import threading
import time
from unittest import mock

import sqlalchemy as sa

from app import db, postbox
from app.models import Task, utcnow
from app.tasks import runner
from tests.accounts import LetterCase, PostalConfig
from tests.proxy import MODES, FaultProxy


class BackgroundConfig(PostalConfig):
    TASK_THREADS = 2


class BrokenWay(LetterCase):
    config = BackgroundConfig

    def setUp(self):
        super().setUp()
        self.proxy = FaultProxy(self.mailbox.port)
        self.addCleanup(self.proxy.stop)
        self.app.extensions['mail'].port = self.proxy.port
        self.enterContext(mock.patch('app.postbox.SECONDS', 0.5))
        self.enterContext(mock.patch('app.postbox.AWAY_SECONDS', 0))
        self.enterContext(mock.patch('app.tasks.runner.POLL_SECONDS', 0.1))
        self.callers: set[str] = set()  # threads that went to the mail server
        self.enterContext(mock.patch.object(postbox.Line, '_connect', self.noting(postbox.Line._connect)))
        self.addCleanup(runner.stop)

    def wait_for(self, happened) -> None:
        deadline = time.monotonic() + 60
        while not happened() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertTrue(happened())

    def state(self) -> tuple:
        """How the newest task goes."""
        with self.app.app_context():
            task = db.session.scalar(sa.select(Task).where(Task.key.is_(None)).order_by(Task.id.desc()))
            return task.state, task.attempts, task.error

    def hurry(self) -> None:
        """Let what waits for another try be due."""
        with self.app.app_context():
            db.session.execute(sa.update(Task).where(Task.state == 'waiting').values(run_after=utcnow()))
            db.session.commit()

    def noting(self, connect):
        """Connect, and note who does."""
        def connect_and_note(line):
            self.callers.add(threading.current_thread().name.partition('-')[0])
            return connect(line)
        return connect_and_note

    def test_no_page_waits_and_the_letter_comes_once(self):
        for mode in MODES[1:]:
            with self.subTest(mode=mode), self.assertLogs(self.app.logger, 'ERROR'):
                self.mailbox.letters.clear()
                self.person(mode)
                self.proxy.mode = mode
                asked = self.visitor.submit('/auth/reset_password_request', email=f'{mode}@example.com')
                self.assertEqual(302, asked.status_code)
                for path in ('/explore', '/auth/login', f'/user/{mode}'):
                    self.assertEqual(200, self.visitor.get(path).status_code)
                self.wait_for(lambda: self.state()[:2] == ('waiting', 1))
                self.assertNotEqual('', self.state()[2])
                self.proxy.mode = 'pass'
                self.hurry()
                self.wait_for(lambda: self.state()[0] == 'done')
                self.assertEqual({'tasks'}, self.callers)
                self.assertEqual([f'{mode}@example.com'], [letter['To'] for letter in self.mailbox.letters])
