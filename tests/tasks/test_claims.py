"""One runner at a time has a task: what a killed one left is taken over, and what a slow one did is taken back."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import db
from app.models import Task, User, utcnow
from app.tasks import claims, enqueue, job, keeping, report, runner
from app.tasks.claims import GIVE_UP_AFTER, Claim
from tests.base import make_user
from tests.tasks.base import TaskCase, ThreadedConfig, linger, may_end, note, plod, ran


@job
def rename(word: str) -> None:
    """A job that changes something."""
    db.session.execute(sa.update(User).values(name=word))


class ClaimCase(TaskCase):
    def setUp(self):
        super().setUp()
        self.keeper = keeping.Keeper()
        self.clock = self.enterContext(mock.patch('app.tasks.keeping.time'))
        self.clock.monotonic.return_value = 1000.0

    def tidy(self, seconds: float = 0) -> None:
        """What a keeper does so many seconds later."""
        self.clock.monotonic.return_value += seconds
        with self.app.app_context():
            self.keeper.tidy()

    def leave(self, **values) -> None:
        """A task that runs in a process that was killed."""
        self.add(note)
        self.change(**{'state': 'running', 'attempts': 1, 'heartbeat': utcnow(), **values})


class TakingOver(ClaimCase):
    def test_what_a_killed_process_left_runs_again_after_a_minute(self):
        self.leave()
        self.tidy()
        self.tidy(50)
        self.assertEqual('running', self.task_named('note').state)
        self.tidy(10)
        self.assertEqual(('waiting', None), (self.task_named('note').state, self.task_named('note').heartbeat))
        self.run_tasks()
        self.assertEqual((['tea'], 'done', 2), (ran, self.task_named('note').state, self.task_named('note').attempts))

    def test_clocks_of_other_hosts_may_be_wrong(self):
        for wrong in (timedelta(hours=-3), timedelta(hours=3)):
            self.leave(heartbeat=utcnow() + wrong)
            self.tidy()
            self.tidy(30)
            self.assertEqual('running', self.task_named('note').state)
            self.tidy(30)
            self.assertEqual('waiting', self.task_named('note').state)
            self.tearDown()

    def test_what_another_process_runs_is_left_to_it(self):
        self.leave()
        for _time in range(10):
            self.tidy(20)
            self.change(heartbeat=utcnow())
        self.assertEqual('running', self.task_named('note').state)

    def test_after_a_time_without_the_database_others_have_a_minute_to_say_that_they_live(self):
        self.leave()
        self.tidy()
        with mock.patch.object(claims, 'beat', side_effect=OperationalError('', {}, Exception())), \
                self.assertRaises(OperationalError):
            self.tidy(50)
        self.tidy(50)
        self.tidy(50)
        self.assertEqual('running', self.task_named('note').state)
        self.tidy(10)
        self.assertEqual('waiting', self.task_named('note').state)

    def test_what_ends_each_process_waits_longer_each_time_and_is_given_up_after_a_day(self):
        self.leave(attempts=6)
        self.tidy()
        self.tidy(60)
        self.assertGreater(self.task_named('note').run_after, utcnow() + timedelta(seconds=30))
        self.change(state='running', attempts=8, heartbeat=utcnow(), created_at=utcnow() - 2 * GIVE_UP_AFTER)
        self.tidy()
        self.tidy(60)
        task = self.task_named('note')
        self.assertEqual(('failed', 'the process ended while it ran'), (task.state, task.error))
        self.assertIsNotNone(task.finished_at)

    def test_a_heartbeat_at_the_last_moment_counts(self):
        self.leave()
        seen = self.task().heartbeat
        self.change(heartbeat=utcnow())
        with self.app.app_context():
            claims.give_back(Claim(self.task().id, 1), seen=seen)
            db.session.commit()
        self.assertEqual('running', self.task_named('note').state)


class Overtaken(TaskCase):
    """A process that stood still for so long that another one took its task."""

    def setUp(self):
        super().setUp()
        with self.app.app_context():
            make_user('susan', name='Susan')

    def name(self) -> str:
        with self.app.app_context():
            return db.session.scalar(sa.select(User.name))

    def test_what_it_did_is_taken_back(self):
        self.add(rename)
        finish = claims.finish
        late = mock.patch.object(claims, 'finish', lambda claim: finish(Claim(claim.id, claim.attempt - 1)))
        with late, self.assertLogs(self.app.logger) as logged:  # as if its row had been taken once more
            self.run_tasks()
        self.assertIn('not ours any more', logged.output[0])
        self.assertEqual(('Susan', 'running'), (self.name(), self.task().state))

    def test_it_says_nothing_for_the_one_that_took_it(self):
        self.add(rename)
        with self.app.app_context():
            old = claims.take()
            self.change(attempts=2)
            before = self.task().heartbeat
            claims.beat([old])
            claims.put_back(old, RuntimeError())
            claims.give_back(old)
            with self.assertRaises(claims.Lost):
                claims.finish(old)
            db.session.commit()
        self.assertEqual(('running', 2, before), (self.task().state, self.task().attempts, self.task().heartbeat))

    def test_its_end_does_not_silence_the_one_that_took_it_in_the_same_process(self):
        self.add(note)
        with self.app.app_context():
            old = claims.take()
        self.change(attempts=2)
        taken = Claim(old.id, 2)
        with mock.patch.object(claims, 'running', {taken}):
            runner.run(self.app, old)
            self.assertEqual({taken}, claims.running)

    def test_it_does_nothing_for_a_task_that_went_with_its_owner(self):
        self.add(note)
        with self.app.app_context():
            claim = claims.take()
            db.session.execute(sa.delete(Task))
            db.session.commit()
        runner.run(self.app, claim)
        self.assertEqual([], ran)


class Reports(TaskCase):
    config = ThreadedConfig

    def setUp(self):
        super().setUp()
        self.addCleanup(runner.stop)
        self.enterContext(mock.patch('app.tasks.progress.EVERY_SECONDS', 0))

    def test_are_seen_while_the_job_runs(self):
        self.add(plod)
        self.wait_for(lambda: self.task_named('plod').progress >= 50)
        self.assertEqual('running', self.task_named('plod').state)
        may_end.set()
        self.wait_for(lambda: self.task_named('plod').state == 'done')
        self.assertEqual(100, self.task_named('plod').progress)

    def test_end_a_job_that_another_runner_has_taken(self):
        self.add(plod)
        self.wait_for(lambda: ran)
        with self.assertLogs(self.app.logger, 'WARNING'):
            self.change(attempts=7)
            self.wait_for(lambda: not claims.running)
        self.assertEqual(('running', 7), (self.task_named('plod').state, self.task_named('plod').attempts))

    def test_break_a_job_off_when_the_process_is_to_end(self):
        self.add(plod)
        self.wait_for(lambda: ran)
        with self.assertNoLogs(self.app.logger, 'ERROR'):
            runner.stop()
        task = self.task_named('plod')
        self.assertEqual(('waiting', None, ''), (task.state, task.heartbeat, task.error))
        self.assertLessEqual(task.run_after, utcnow())

    def test_are_worth_nothing_outside_of_a_runner(self):
        with self.statements() as statements, self.app.app_context():
            report(30)
        self.assertEqual([], statements)

    def test_of_a_job_that_lingers_keep_it_alive(self):
        with mock.patch('app.tasks.runner.BEAT_SECONDS', 0.1):
            self.add(linger)
            self.wait_for(lambda: ran)
            began = self.task_named('linger').heartbeat
            self.wait_for(lambda: self.task_named('linger').heartbeat > began)
            self.assertEqual(1, self.task_named('linger').attempts)
            may_end.set()
            self.wait_for(lambda: self.task_named('linger').state == 'done')


class Enqueueing(TaskCase):
    def test_costs_one_insert_in_the_acts_own_transaction(self):
        with self.statements() as seen, self.app.app_context():
            enqueue(note, word='tea')
            db.session.commit()
        self.assertEqual(['INSERT'], [line.split()[0] for line in seen])
