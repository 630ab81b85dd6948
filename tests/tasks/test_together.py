"""Tasks of one job that are done together."""
import sqlalchemy as sa

from app import db
from app.models import Task
from app.tasks import enqueue, together
from tests.base import AppTestCase


def count_stars(names: list) -> None:
    """A job that nobody runs."""


class Together(AppTestCase):
    def setUp(self):
        super().setUp()
        context = self.app.app_context()
        context.push()
        self.addCleanup(context.pop)
        for name in ('sun', 'vega', 'deneb'):
            enqueue(count_stars, names=[name])
        db.session.add(Task(name='another', arguments={}))
        db.session.commit()

    def test_those_that_wait_for_a_job_are_taken_along_and_ended(self):
        waiting = together.unfinished(count_stars)
        self.assertEqual(['deneb', 'sun', 'vega'], sorted(task['names'][0] for task in waiting.values()))
        self.assertEqual(2, len(together.unfinished(count_stars, 2)))
        together.finish(waiting)
        db.session.commit()
        self.assertEqual({}, together.unfinished(count_stars))
        states = db.session.execute(sa.select(Task.name, Task.state)).all()
        self.assertEqual([('another', 'waiting'), *[('count_stars', 'done')] * 3], sorted(map(tuple, states)))

    def test_what_somebody_has_begun_is_theirs_to_end(self):
        waiting = together.unfinished(count_stars)
        first = min(waiting)
        db.session.execute(sa.update(Task).where(Task.id == first).values(state='running'))
        together.finish(waiting)
        db.session.commit()
        self.assertEqual('running', db.session.scalar(sa.select(Task.state).where(Task.id == first)))
        self.assertEqual([first], list(together.unfinished(count_stars, states=('waiting', 'running'))))

    def test_a_task_may_be_added_while_rows_are_written(self):
        together.enqueue_in_flush(db.session.connection(), count_stars, names=['rigel'])
        self.assertTrue(db.session.info['has_new_tasks'])
        db.session.commit()
        self.assertEqual(4, len(together.unfinished(count_stars)))
