"""A disk that is full: 503 for what cannot be kept, reading goes on, and what was acknowledged is there."""
import sqlalchemy as sa

from app import db
from app.models import Post, User
from tests.base import hidden_fields
from tests.world import WorldCase, only_on


@only_on('sqlite')  # a database server has a disk of its own, and `bench/faults` fills it
class FullDisk(WorldCase):
    """SQLite says the same when its file may not grow."""

    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        self.fields = hidden_fields(self.susan.get('/').text)
        self.limit = 0
        with self.app.app_context():
            self.engine = db.engine
        with self.engine.connect().execution_options(isolation_level='AUTOCOMMIT') as connection:
            connection.exec_driver_sql('VACUUM')  # no room that earlier tests have left
        sa.event.listen(self.engine, 'checkout', self.allow)
        self.addCleanup(sa.event.remove, self.engine, 'checkout', self.allow)

    def tearDown(self):
        self.limit = 2**30
        super().tearDown()

    def allow(self, connection, record, proxy) -> None:
        """As many pages as there are now, or as the test says; SQLite never goes below what is used."""
        connection.execute(f'PRAGMA max_page_count={self.limit or 1}')

    def write(self, text: str):
        return self.susan.post('/', {**self.fields, 'post': text})

    def test_writing_answers_503_reading_goes_on_and_nothing_acknowledged_is_lost(self):
        kept = []
        with self.assertLogs(self.app.logger, 'ERROR') as log:
            for number in range(400):
                text = f'{number} ' + 'many words ' * 40
                answer = self.write(text)
                if answer.status_code == 503:
                    break
                kept.append(text.strip())
        self.assertEqual((503, '5'), (answer.status_code, answer.headers.get('Retry-After')))
        self.assertIn('disk is full', log.output[0])
        self.assertEqual(200, self.susan.get('/explore').status_code)
        self.assertEqual(kept, self.bodies())
        self.assertEqual(len(kept), self.value(sa.select(User.posts_count)))
        self.limit = 2**30
        self.assertEqual(302, self.write('room again').status_code)
        self.assertEqual(len(kept) + 1, self.rows(Post))
