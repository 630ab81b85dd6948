"""A transaction begins with the first statement that writes or locks, and ends with the act: reading needs none."""
import sqlalchemy as sa

from app import db
from app.models import User
from tests.base import AppTestCase, make_user
from tests.world import KIND, only_on

LOCKING = sa.select(User).with_for_update()
SHARING = sa.select(User).with_for_update(read=True)


class Transactions(AppTestCase):
    def setUp(self):
        super().setUp()
        self.context = self.enterContext(self.app.app_context())
        make_user('susan')
        db.session.commit()

    @property
    def is_open(self) -> bool:
        """What the database says of the session's connection, or on PostgreSQL its driver of the last answer."""
        raw = db.session.connection().connection.dbapi_connection
        if KIND == 'sqlite':
            return raw.in_transaction
        if KIND == 'postgresql':
            return raw.info.transaction_status.name != 'IDLE'
        with raw.cursor() as cursor:
            cursor.execute('SELECT @@in_transaction')
            return bool(cursor.fetchone()[0])

    def rename(self, name: str) -> None:
        db.session.scalars(sa.select(User)).one().name = name
        db.session.flush()

    def test_reading_begins_none(self):
        self.assertEqual('susan', db.session.scalars(sa.select(User)).one().username)
        self.assertFalse(self.is_open)

    def test_writing_begins_one_that_commit_keeps_and_rollback_takes_back(self):
        for end, left in ((db.session.commit, 'Susan'), (db.session.rollback, 'Susan')):
            self.rename('Susan' if end == db.session.commit else 'Sue')
            self.assertTrue(self.is_open)
            end()
            self.assertFalse(self.is_open)
            self.assertEqual(left, db.session.scalar(sa.select(User.name)))
            self.assertFalse(self.is_open)

    def test_a_savepoint_begins_one_and_alone_is_taken_back(self):
        self.rename('Susan')
        with self.assertRaises(ZeroDivisionError), db.session.begin_nested():
            self.rename('Sue')
            raise ZeroDivisionError
        self.assertTrue(self.is_open)
        db.session.commit()
        self.assertEqual('Susan', db.session.scalar(sa.select(User.name)))

    @only_on('postgresql', 'mysql')
    def test_text_begins_one_since_nobody_knows_what_it_does(self):
        db.session.execute(sa.text('SELECT 1')).close()
        self.assertTrue(self.is_open)

    @only_on('postgresql', 'mysql')
    def test_a_lock_begins_one_that_others_feel(self):
        for locking in (LOCKING, SHARING):
            self.assertEqual(1, len(db.session.scalars(locking).all()))
            self.assertTrue(self.is_open)
            with db.engine.connect() as other, self.assertRaises(sa.exc.OperationalError):
                other.execute(sa.select(User.id).with_for_update(nowait=True))
            db.session.rollback()
            self.assertFalse(self.is_open)
            with db.engine.connect() as other:
                self.assertEqual(1, len(other.execute(sa.select(User.id).with_for_update(nowait=True)).all()))
