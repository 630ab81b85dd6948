"""A statement that runs for too long is broken off for a page, and for nothing else."""
from unittest import mock

import sqlalchemy as sa

from app import db, deadlines
from app.tasks import enqueue, jobs
from app.tasks.runner import run_due
from tests.world import KIND, WorldCase, only_on

SLOW = {
    'sqlite': 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000000) SELECT max(i) FROM n',
    'postgresql': 'SELECT pg_sleep(1.5)',
    'mysql': 'SELECT sleep(1.5) FROM information_schema.tables LIMIT 1',
}
SHORT = 0.4  # seconds


def ask(statement: str) -> str:
    return str(db.session.execute(sa.text(statement)).scalar())


class Deadlines(WorldCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(deadlines, 'SECONDS', SHORT))

        self.enterContext(mock.patch.dict(self.app.view_functions, {
            'main.about': lambda: ask(SLOW[KIND]), 'main.explore': lambda: ask('SELECT 7')}))

    def test_a_page_answers_503_and_the_next_one_works(self):
        with self.assertLogs(self.app.logger, 'ERROR') as log:
            answer = self.visitor.get('/about')
        self.assertEqual((503, '5'), (answer.status_code, answer.headers.get('Retry-After')))
        self.assertIn('The database does not answer', log.output[0])
        self.assertEqual('7', self.visitor.get('/explore').text)

    def test_a_command_takes_as_long_as_it_needs_also_over_a_connection_that_a_page_had(self):
        self.assertEqual('7', self.visitor.get('/explore').text)
        with self.app.app_context():
            self.assertNotEqual('None', ask(SLOW[KIND]))
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.assertEqual(503, self.visitor.get('/about').status_code)

    @only_on('postgresql')
    def test_a_page_of_postgresql_never_reads_a_whole_table_nor_compiles(self):
        shown = "SELECT current_setting('enable_seqscan') || current_setting('jit')"
        with mock.patch.dict(self.app.view_functions, {'main.explore': lambda: ask(shown)}):
            self.assertEqual('offoff', self.visitor.get('/explore').text)
        with self.app.app_context():
            self.assertEqual('onoff', ask(shown))

    def test_a_task_takes_as_long_as_it_needs(self):
        done = []

        def take_long():
            done.append(ask(SLOW[KIND]))
        self.enterContext(mock.patch.dict(jobs, take_long=take_long))
        self.assertEqual('7', self.visitor.get('/explore').text)
        with self.app.app_context():
            enqueue(take_long)
            db.session.commit()
        self.assertEqual(1, run_due(self.app))
        self.assertEqual(1, len(done))
