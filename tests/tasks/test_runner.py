"""What was promised is done: after the commit, again after a fault, by one runner alone."""
import threading
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import db
from app.models import Task, utcnow
from app.tasks import claims, enqueue, job, keeping, periodic, runner
from app.tasks.claims import GIVE_UP_AFTER
from tests.tasks.base import TaskCase, ThreadedConfig, fail, linger, may_end, note, pack, ran, refuse
from tests.world import Deadlock


@job
def collide(word: str) -> None:
    """A job that the database breaks off when it runs first."""
    ran.append(word)
    if len(ran) == 1:
        raise OperationalError('UPDATE', {}, Deadlock())


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

    def test_after_a_day_a_task_is_given_up_visibly_and_kept_to_be_tried_again(self):
        self.add(fail)
        self.change(created_at=utcnow() - GIVE_UP_AFTER, attempts=20)
        with self.assertLogs(self.app.logger, 'ERROR') as logged:
            self.run_tasks()
        task = self.task()
        self.assertEqual(('failed', {'word': 'tea'}, 'RuntimeError: no tea today'),
                         (task.state, task.arguments, task.error))
        self.assertIsNotNone(task.finished_at)
        self.assertIn('raise RuntimeError', logged.output[0])

    def test_what_waited_for_days_as_nobody_did_the_work_is_tried_more_than_once(self):
        self.add(fail)
        self.change(created_at=utcnow() - 3 * GIVE_UP_AFTER)
        for _try in range(8):
            self.assertEqual('waiting', self.task().state)
            self.change(run_after=utcnow())
            with self.assertLogs(self.app.logger, 'ERROR'):
                self.run_tasks()
        self.assertEqual('failed', self.task().state)

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

    def test_of_eight_runners_one_gets_a_task(self):
        self.add(note)
        taken, barrier = [], threading.Barrier(8)

        def claim():
            with self.app.app_context():
                barrier.wait(timeout=60)
                taken.append(claims.take())
        threads = [threading.Thread(target=claim) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(1, len([claim for claim in taken if claim is not None]), taken)

    def test_periodic_work_is_queued_once_a_period(self):
        with self.app.app_context():
            keeping.queue_periodic()
            keeping.queue_periodic()
            names = db.session.scalars(sa.select(Task.name)).all()
        self.assertEqual(sorted(periodic), sorted(names))
        self.assertEqual(len(periodic), self.run_tasks())


class Threads(TaskCase):
    config = ThreadedConfig

    def tearDown(self):
        runner.stop()
        super().tearDown()

    def test_a_commit_wakes_a_thread(self):
        self.add(note)
        self.wait_for(lambda: ran)
        self.assertEqual(['tea'], ran)

    def test_a_long_task_is_not_taken_twice(self):
        with mock.patch('app.tasks.runner.BEAT_SECONDS', 0.1):
            self.add(linger)
            self.wait_for(lambda: ran)
            began = self.task_named('linger').heartbeat
            self.wait_for(lambda: self.task_named('linger').heartbeat > began)
            self.assertEqual((['tea'], 1), (ran, self.task_named('linger').attempts))
            may_end.set()
            self.wait_for(lambda: self.task_named('linger').state == 'done')

    def test_long_jobs_leave_a_thread_for_the_others(self):
        with mock.patch('app.tasks.runner.start'):
            for _one in range(3):
                self.add(pack)
        self.add(note)
        self.wait_for(lambda: self.task_named('note').state == 'done')
        self.assertEqual(2, len(ran))
        with mock.patch('app.tasks.runner.POLL_SECONDS', 0.1):
            may_end.set()
            self.wait_for(lambda: len(ran) == 4)

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
