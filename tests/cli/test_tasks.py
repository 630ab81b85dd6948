"""`flask tasks`: what is listed, tried again and removed; a process of its own that runs tasks and ends cleanly."""
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from app import db
from app.email import send_email
from app.models import Task, utcnow
from tests.base import TestConfig, folder
from tests.mailbox import Mailbox
from tests.tasks.base import TaskCase, fail, note, ran

ROOT = Path(__file__).resolve().parent.parent.parent


class Commands(TaskCase):
    def run_it(self, *arguments, **options):
        return self.app.test_cli_runner().invoke(args=['tasks', *arguments], **options)

    def test_lists_every_task_and_no_argument(self):
        self.add(note)
        self.add(fail)
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.change(error='RuntimeError: no\x1b[31m luck\nand more')
        result = self.run_it('list')
        self.assertEqual(0, result.exit_code)
        for part in ('\tdone\tnote\t1\t', '\twaiting\tfail\t1\t', 'RuntimeError: no',
                     '1 waiting, 0 running, 1 done, 0 failed'):
            self.assertIn(part, result.output)
        for part in ('tea', '\x1b'):
            self.assertNotIn(part, result.output)
        self.assertEqual(3, len(result.output.splitlines()), result.output)
        self.assertNotIn('note', self.run_it('list', '--state', 'failed').output)
        self.assertEqual(2, len(self.run_it('list', '--limit', '1').output.splitlines()))

    def test_what_failed_is_tried_again_for_another_day(self):
        self.add(note)
        self.change(state='failed', finished_at=utcnow(), created_at=utcnow() - timedelta(days=3), attempts=30,
                    run_after=utcnow() + timedelta(hours=1))
        self.assertIn('1 tasks run again.', self.run_it('retry', str(self.task().id)).output)
        self.assertEqual(('waiting', None), (self.task().state, self.task().finished_at))
        self.assertEqual(1, self.run_tasks())
        self.assertEqual(['tea'], ran)

    def test_all_that_failed_are_tried_again(self):
        self.add(note)
        self.add(fail)
        self.change(state='failed', finished_at=utcnow())
        self.assertIn('2 tasks run again.', self.run_it('retry', '--failed').output)
        self.assertIn('0 tasks run again.', self.run_it('retry', '--failed').output)

    def test_what_runs_or_is_done_is_not_tried_again(self):
        self.add(note)
        for state in ('running', 'done'):
            self.change(state=state)
            result = self.run_it('retry', str(self.task().id))
            self.assertEqual((1, state), (result.exit_code, self.task().state))
            self.assertIn('there is no task', result.output)

    def test_retry_needs_numbers_or_failed(self):
        for arguments in ((), ('1', '--failed'), ('x',), ('0',), ('99999999999999999999',)):
            self.assertEqual(2, self.run_it('retry', *arguments).exit_code, arguments)

    def test_purge_removes_what_is_over_after_a_question(self):
        for state, age in (('done', 0), ('failed', 0), ('done', 9), ('waiting', None), ('running', None)):
            self.add(note)
            with self.app.app_context():
                newest = db.session.scalar(sa.select(sa.func.max(Task.id)))
                at = None if age is None else utcnow() - timedelta(days=age)
                db.session.execute(sa.update(Task).where(Task.id == newest).values(state=state, finished_at=at))
                db.session.commit()
        self.assertEqual(1, self.run_it('purge', input='n\n').exit_code)
        self.assertIn('1 tasks are removed.', self.run_it('purge', '--days', '5', '--yes').output)
        self.assertIn('1 tasks are removed.', self.run_it('purge', '--state', 'done', '--yes').output)
        self.assertIn('1 tasks are removed.', self.run_it('purge', input='y\n').output)
        with self.app.app_context():
            self.assertEqual(['running', 'waiting'], sorted(db.session.scalars(sa.select(Task.state))))

    def test_help_says_what_each_does(self):
        for arguments in ((), ('run',), ('list',), ('retry',), ('purge',)):
            self.assertEqual(0, self.run_it(*arguments, '--help').exit_code)


class Process(TaskCase):
    """`flask tasks run`, beside a site that runs no tasks itself."""

    def setUp(self):
        super().setUp()
        self.mailbox = Mailbox()
        self.addCleanup(self.mailbox.stop)
        self.process = self.start()

    def start(self) -> subprocess.Popen:
        settings = {'SECRET_KEY': TestConfig.SECRET_KEY, 'MAIL_SERVER': '127.0.0.1', 'PATH': os.environ['PATH'],
                    'MAIL_PORT': str(self.mailbox.port), 'DATABASE_URL': TestConfig.SQLALCHEMY_DATABASE_URI,
                    'LOG_FOLDER': folder, 'TASK_THREADS': '0'}
        process = subprocess.Popen([sys.executable, '-m', 'flask', 'tasks', 'run', '--threads', '1'], cwd=ROOT,
                                   env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, 20)
        self.addCleanup(process.kill)
        self.assertIn('Running tasks, 1 at once.', process.stdout.readline())
        return process

    def write(self):
        with self.app.app_context():
            send_email('tea', 'site@example.com', ['susan@example.com'], 'text', None)

    def state(self) -> tuple:
        task = self.task_named('deliver')
        return task.state, task.attempts

    def test_runs_what_others_commit(self):
        self.write()
        self.wait_for(lambda: self.state() == ('done', 1))
        self.assertEqual(1, len(self.mailbox.letters))

    def test_ends_cleanly_once_its_task_is_done(self):
        self.mailbox.hold()
        self.write()
        self.wait_for(self.mailbox.is_held)
        self.process.terminate()
        time.sleep(0.3)
        self.mailbox.go_on()
        self.assertEqual(0, self.process.wait(60))
        self.assertEqual(('done', 1), self.state())
        self.assertIn('No task runs any more.', self.process.stdout.read())

    def test_that_is_killed_leaves_its_task_to_the_next(self):
        self.mailbox.hold()
        self.write()
        self.wait_for(self.mailbox.is_held)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)
        self.assertEqual(('running', 1), self.state())
        self.mailbox.go_on()
        self.change(state='waiting')  # what takes over, after a minute, is tested in tests/tasks/test_claims.py
        self.start()
        self.wait_for(lambda: self.state() == ('done', 2))
        self.assertEqual(1, len(self.mailbox.letters))
