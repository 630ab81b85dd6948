"""Celery with real workers: what the broker is told runs once, whatever happens to broker and worker."""
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from unittest import mock

import sqlalchemy as sa

from app import db
from app.email import send_email
from app.models import Task, utcnow
from app.tasks import runner
from app.tasks.broker import Teller, celery_of
from tests.base import PASSWORD, TestConfig, folder, make_user
from tests.limits.redis_server import RedisServer, needs_redis
from tests.mailbox import Mailbox
from tests.parts import needs, once_only
from tests.proxy import FaultProxy
from tests.tasks.base import TaskCase, linger, may_end, ran
from tests.tasks.celery_worker import ROOT, CeleryWorker

RABBITMQ = 'amqp://guest:guest@127.0.0.1:5672//'  # as Debian's package starts it


def rabbitmq_runs() -> bool:
    """True when a RabbitMQ listens on its port."""
    with socket.socket() as probe:
        return probe.connect_ex(('127.0.0.1', 5672)) == 0


class CeleryCase(TaskCase):
    """A site and a worker whose way to the broker can be broken."""

    @classmethod
    def setUpClass(cls):
        cls.begin_broker()
        cls.addClassCleanup(cls.end_broker)
        cls.proxy = FaultProxy(cls.broker_port)
        cls.addClassCleanup(cls.proxy.stop)
        cls.config = type('CeleryConfig', (TestConfig,), {
            'CELERY_BROKER_URL': cls.address(cls.proxy.port), 'MAIL_SERVER': '127.0.0.1'})
        super().setUpClass()
        cls.mailbox = Mailbox()
        cls.addClassCleanup(cls.mailbox.stop)
        cls.worker = cls.new_worker()
        cls.addClassCleanup(lambda: cls.worker.stop())  # noqa: PLW0108 the one there is then

    @classmethod
    def new_worker(cls) -> CeleryWorker:
        return CeleryWorker(cls.address(cls.proxy.port), cls.mailbox.port)

    def setUp(self):
        super().setUp()
        self.mailbox.letters.clear()
        self.proxy.mode = 'pass'
        for name, value in (('app.tasks.runner.POLL_SECONDS', 0.1), ('app.tasks.broker.CONNECT_SECONDS', 0.5),
                            ('app.tasks.broker.ANSWER_SECONDS', 0.5)):
            self.enterContext(mock.patch(name, value))
        self.addCleanup(runner.stop)

    def tearDown(self):
        runner.stop()
        super().tearDown()

    def write(self, word: str = 'tea') -> None:
        with self.app.app_context():
            send_email(word, 'site@example.com', [f'{word}@example.com'], 'text', None)

    def letters(self) -> list[str]:
        return [letter['Subject'] for letter in self.mailbox.letters]

    def state(self) -> tuple:
        with self.app.app_context():
            task = db.session.scalar(sa.select(Task).where(Task.name == 'deliver'))
            return task.state, task.attempts

    def waiting(self) -> int:
        """How many tasks are neither done nor given up, as are those of sites that other tests made in this process."""
        with self.app.app_context():
            return db.session.scalar(sa.select(sa.func.count()).where(Task.state.in_(['waiting', 'running'])))


@once_only
class OfThreads(TaskCase):
    """A worker that was started with `--pool threads`."""

    config = type('OfThreadsConfig', (TestConfig,), {'CELERY_BROKER_URL': RABBITMQ})

    def test_says_that_its_tasks_still_run(self):
        self.addCleanup(runner.stop)
        with mock.patch('app.tasks.runner.BEAT_SECONDS', 0.1), mock.patch.object(Teller, 'tell'), \
                mock.patch('app.tasks.runner.start'):
            self.add(linger)
            told = threading.Thread(target=celery_of(self.app).tasks['microblog.run'], args=[self.task().id])
            told.start()
            self.addCleanup(told.join)
            self.addCleanup(may_end.set)
            self.wait_for(lambda: ran)
            began = self.task_named('linger').heartbeat
            self.wait_for(lambda: self.task_named('linger').heartbeat > began)


@needs_redis
class OnRedis(CeleryCase):
    @classmethod
    def begin_broker(cls):
        cls.server = RedisServer()
        cls.broker_port = cls.server.port

    @classmethod
    def end_broker(cls):
        cls.server.stop()

    @staticmethod
    def address(port: int) -> str:
        return f'redis://127.0.0.1:{port}/0'

    def test_a_letter_goes_out_by_the_worker(self):
        self.write()
        self.wait_for(lambda: self.state() == ('done', 1), 20)
        self.assertEqual(['tea'], self.letters())
        self.worker.wait_for_word('succeeded')

    def test_a_task_that_is_told_many_times_runs_once(self):
        with mock.patch('app.tasks.runner.start'):
            self.write()
        with self.app.app_context():
            id = db.session.scalar(sa.select(Task.id).where(Task.name == 'deliver'))
            teller = Teller(self.app)
            self.assertTrue(teller.tell([id] * 5))
            teller._hang_up()
        self.wait_for(lambda: self.state()[0] == 'done', 20)
        self.write('cake')
        self.wait_for(lambda: 'cake' in self.letters(), 20)
        self.assertEqual(['tea', 'cake'], self.letters())

    def test_no_page_waits_for_a_broker_and_everything_runs_once_when_it_is_back(self):
        with self.app.app_context():
            make_user('susan')
        susan = self.log_in('susan')
        real, callers = Teller._connect, set()

        def connect(teller):
            callers.add(threading.current_thread().name.partition('-')[0])
            return real(teller)
        self.enterContext(mock.patch.object(Teller, '_connect', connect))
        for mode in ('refuse', 'reset', 'hang'):
            with self.subTest(mode=mode):
                self.mailbox.letters.clear()
                self.proxy.mode = mode
                self.assertEqual(302, susan.submit('/', post=f'while {mode}').status_code)
                self.assertEqual(302, susan.submit('/settings/password', current_password=PASSWORD,
                                                   password=PASSWORD, password2=PASSWORD).status_code)
                time.sleep(0.5)
                self.assertEqual({'tasks'}, callers)
                self.assertEqual([], self.letters())
                self.proxy.mode = 'pass'
                self.wait_for(lambda: len(self.letters()) == 1, 20)
                self.wait_for(lambda: not self.waiting())
                self.assertEqual(1, len(self.letters()))

    def test_tasks_whose_messages_were_lost_with_their_broker_are_done(self):
        with mock.patch('app.tasks.runner.start'):
            for number in range(15):
                self.write(f'tea{number}')
        self.change(heartbeat=utcnow())  # when the broker was told
        self.wait_for(lambda: not self.waiting(), 20)
        self.assertEqual(sorted(f'tea{number}' for number in range(15)), sorted(self.letters()))

    def test_a_worker_that_is_killed_in_the_middle_leaves_its_task_to_the_next(self):
        self.mailbox.hold()
        self.write()
        self.wait_for(lambda: self.state()[0] == 'running' and self.mailbox.is_held(), 20)
        self.worker.kill()
        time.sleep(0.5)  # until the mail server has seen it, and drops what was not answered
        self.mailbox.go_on()
        with mock.patch('app.tasks.runner.BEAT_SECONDS', 0.1), mock.patch('app.tasks.keeping.STALE_SECONDS', 0.3):
            runner.stop()
            runner.start(self.app)
            self.wait_for(lambda: self.state() == ('waiting', 1))
        type(self).worker = self.new_worker()
        self.wait_for(lambda: self.state() == ('done', 2), 20)
        self.assertEqual(['tea'], self.letters())

    def test_a_worker_that_is_told_to_stop_ends_its_task_first(self):
        self.mailbox.hold()
        self.write()
        self.wait_for(self.mailbox.is_held, 20)
        self.worker.process.terminate()
        time.sleep(0.3)
        self.mailbox.go_on()
        self.assertEqual(0, self.worker.stop())
        self.assertEqual(('done', 1), self.state())
        type(self).worker = self.new_worker()


@once_only
@needs('RabbitMQ', rabbitmq_runs(), 'start the one of the Debian package rabbitmq-server.')
class OnRabbitMQ(CeleryCase):
    @classmethod
    def begin_broker(cls):
        cls.broker_port = 5672

    @classmethod
    def end_broker(cls):
        pass

    @staticmethod
    def address(port: int) -> str:
        return RABBITMQ.replace('5672', str(port))

    @classmethod
    def new_worker(cls) -> CeleryWorker:
        return CeleryWorker(cls.address(cls.proxy.port), cls.mailbox.port, ('-m', 'celery'))

    def test_letters_go_out_by_the_worker_also_after_a_fault(self):
        self.write('one')
        self.wait_for(lambda: self.letters() == ['one'], 20)
        for mode in ('reset', 'hang', 'refuse'):
            self.proxy.mode = mode
            self.write(mode)
            time.sleep(0.3)
            self.proxy.mode = 'pass'
            self.wait_for(lambda mode=mode: mode in self.letters(), 20)
        self.wait_for(lambda: not self.waiting())
        self.assertEqual(['one', 'reset', 'hang', 'refuse'], self.letters())


@once_only
class Unset(unittest.TestCase):
    """A site without a broker."""

    def run_it(self, *arguments: str) -> subprocess.CompletedProcess:
        settings = {'SECRET_KEY': TestConfig.SECRET_KEY, 'DATABASE_URL': f'sqlite:///{folder}/none.db',
                    'LOG_FOLDER': folder, 'CELERY_BROKER_URL': '', 'REDIS_URL': 'redis://127.0.0.1:1/0',
                    'PATH': os.environ['PATH']}
        return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=settings, capture_output=True, text=True,
                              timeout=60)

    def test_does_not_load_celery_even_with_a_redis(self):
        done = self.run_it('-c', 'import microblog, sys; from app.tasks import runner; runner.start(microblog.app); '
                                 'print([name for name in ("celery", "kombu", "redis") if name in sys.modules])')
        self.assertEqual('[]\n', done.stdout, done.stderr)

    def test_says_to_its_workers_what_is_missing(self):
        done = self.run_it('-m', 'celery', '-A', 'microblog.celery', 'worker')
        self.assertEqual(1, done.returncode)
        self.assertIn('CELERY_BROKER_URL is missing', done.stderr)
        self.assertNotIn('Traceback', done.stderr)
