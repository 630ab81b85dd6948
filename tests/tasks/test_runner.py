"""What was promised is done: after the commit, again after a fault, by one runner alone."""
import threading
import time
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import db
from app.models import Task, utcnow
from app.tasks import GiveUp, enqueue, job, runner
from app.tasks.runner import GIVE_UP_AFTER, STALE
from tests.base import AppTestCase, TestConfig
from tests.world import Deadlock

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
def collide(word: str) -> None:
    """A job that the database breaks off when it runs first."""
    ran.append(word)
    if len(ran) == 1:
        raise OperationalError('UPDATE', {}, Deadlock())


@job
def linger(word: str) -> None:
    """A job that takes its time."""
    ran.append(word)
    may_end.wait(20)


@job
def refuse(word: str) -> None:
    """A job that never can be done."""
    raise GiveUp(f'never any {word}')


class TaskCase(AppTestCase):
    def setUp(self):
        super().setUp()
        ran.clear()

    def add(self, function, **options):
        with self.app.app_context():
            enqueue(function, word='tea', **options)
            db.session.commit()

    def task(self):
        with self.app.app_context():
            return db.session.scalar(sa.select(Task))

    def task_named(self, name):
        with self.app.app_context():
            return db.session.scalar(sa.select(Task).where(Task.name == name))

    def change(self, **values):
        with self.app.app_context():
            db.session.execute(sa.update(Task).values(values))
            db.session.commit()


class Runner(TaskCase):
    def test_a_task_runs_once_and_forgets_its_arguments(self):
        self.add(note)
        self.assertEqual(1, self.run_tasks())
        self.assertEqual(0, self.run_tasks())
        task = self.task()
        self.assertEqual((['tea'], 'done', None, 1), (ran, task.state, task.arguments, task.attempts))
        self.assertIsNotNone(task.finished_at)

    def test_a_task_of_an_act_that_was_rolled_back_does_not_exist(self):
        with self.app.app_context():
            enqueue(note, word='tea')
            db.session.flush()
            db.session.rollback()
        self.assertEqual(0, self.run_tasks())
        self.assertEqual([], ran)

    def test_a_task_for_later_waits(self):
        self.add(note, run_after=utcnow() + timedelta(minutes=1))
        self.assertEqual(0, self.run_tasks())

    def test_a_key_allows_one_task(self):
        self.add(note, key='tea for today')
        self.add(note, key='tea for today')
        self.assertEqual(1, self.run_tasks())

    def test_a_fault_is_tried_again_later_each_time(self):
        self.add(fail)
        waits = []
        for attempt in range(1, 5):
            with self.assertLogs(self.app.logger, 'ERROR'):
                self.assertEqual(1, self.run_tasks())
            task = self.task()
            self.assertEqual(('waiting', attempt, {'word': 'tea'}), (task.state, task.attempts, task.arguments))
            self.assertEqual('RuntimeError: no tea today', task.error)
            waits.append((task.run_after - utcnow()).total_seconds())
            self.assertEqual(0, self.run_tasks())
            self.change(run_after=utcnow())
        self.assertEqual(sorted(waits), waits)
        self.assertGreater(waits[0], 3)

    def test_what_the_database_broke_off_runs_once_more_without_a_fault(self):
        self.add(collide)
        with self.assertNoLogs(self.app.logger, 'ERROR'):
            self.assertEqual(1, self.run_tasks())
        task = self.task()
        self.assertEqual((['tea', 'tea'], 'done', 1), (ran, task.state, task.attempts))

    def test_after_a_day_a_task_is_given_up_visibly(self):
        self.add(fail)
        self.change(created_at=utcnow() - GIVE_UP_AFTER)
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        task = self.task()
        self.assertEqual(('failed', None, 'RuntimeError: no tea today'), (task.state, task.arguments, task.error))

    def test_what_cannot_be_done_is_given_up_at_once(self):
        self.add(refuse)
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual('failed', self.task().state)

    def test_a_task_that_nobody_knows_is_given_up(self):
        self.add(note)
        self.change(name='forgotten')
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual('failed', self.task().state)

    def test_what_a_killed_process_left_is_taken_over(self):
        self.add(note)
        self.change(state='running', heartbeat=utcnow() - STALE - timedelta(seconds=1))
        with self.app.app_context():
            runner.sweep()
        self.run_tasks()
        self.assertEqual(['tea'], ran)

    def test_what_ends_each_process_that_runs_it_is_given_up_after_a_day(self):
        self.add(note)
        self.change(state='running', heartbeat=utcnow() - 2 * STALE, created_at=utcnow() - 2 * GIVE_UP_AFTER)
        with self.app.app_context():
            runner.sweep()
        task = self.task_named('note')
        self.assertEqual(('failed', None, 'the process ended while it ran'), (task.state, task.arguments, task.error))
        self.assertIsNotNone(task.finished_at)

    def test_what_another_process_runs_is_left_to_it(self):
        self.add(note)
        self.change(state='running', heartbeat=utcnow())
        with self.app.app_context():
            runner.sweep()
        self.run_tasks()
        self.assertEqual([], ran)

    def test_of_eight_runners_one_gets_a_task(self):
        self.add(note)
        taken, barrier = [], threading.Barrier(8)

        def claim():
            with self.app.app_context():
                barrier.wait(timeout=20)
                taken.append(runner.claim())
        threads = [threading.Thread(target=claim) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(1, len([id for id in taken if id is not None]), taken)

    def test_periodic_work_is_queued_once_a_period(self):
        with self.app.app_context():
            runner.sweep()
            runner.sweep()
            names = db.session.scalars(sa.select(Task.name)).all()
        self.assertEqual(['remove_expired'], names)
        self.assertEqual(1, self.run_tasks())


class ThreadedConfig(TestConfig):
    TASK_THREADS = 2


class Threads(TaskCase):
    config = ThreadedConfig

    def tearDown(self):
        runner.stop()
        super().tearDown()

    def wait_for(self, happened):
        deadline = time.monotonic() + 10
        while not happened() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertTrue(happened())

    def test_a_commit_wakes_a_thread(self):
        self.add(note)
        self.wait_for(lambda: ran)
        self.assertEqual(['tea'], ran)

    def test_a_long_task_is_not_taken_twice(self):
        self.addCleanup(may_end.clear)
        self.addCleanup(may_end.set)
        with mock.patch('app.tasks.runner.SWEEP', timedelta(seconds=0.1)):
            self.add(linger)
            self.wait_for(lambda: ran)
            began = self.task_named('linger').heartbeat
            self.wait_for(lambda: self.task_named('linger').heartbeat > began)
            self.assertEqual((['tea'], 1), (ran, self.task_named('linger').attempts))
            may_end.set()
            self.wait_for(lambda: self.task_named('linger').state == 'done')

    def test_a_released_savepoint_wakes_nobody(self):
        with self.app.app_context():
            woken = []
            from app.tasks import listeners
            listeners.append(lambda: woken.append(True))
            try:
                with db.session.begin_nested():
                    enqueue(note, word='tea')
                self.assertEqual([], woken)
                db.session.commit()
                self.assertEqual([True], woken)
            finally:
                listeners.pop()
