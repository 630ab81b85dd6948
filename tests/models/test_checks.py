"""What the database refuses by itself: names and addresses that break the rule, whoever writes the row."""
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app import db
from app.models import User
from tests.test_migrations import MigrationCase
from tests.world import WorldCase

NAMES = ('', '_', '___', 'a' * 31, 'a b', 'a-b', 'a.b', 'a@b', 'a\n', '\na', 'é', 'аdmin', 'ａ', 'a\u200b', 'a\u0301',
         '\u202ea', 'a\0b', '\0', '\U0001f600', 'SUSAN', 'Susan')
ADDRESSES = ('', 'nobody', 'a b@example.com', 'a@example.com\n', 'a\t@example.com', 'a\x7f@example.com',
             'a\0@example.com', 'a' * 120 + '@example.com', 'SUSAN@example.com', 'Susan@EXAMPLE.com')
GOOD = (('x', 'x@example.com'), ('A' * 30, 'a+b@example.com'), ('_1_', 'Ü@exämple.com'), ('Susan_2', 'é@' + 'x' * 118))


def takes(username: str, email: str) -> bool:
    """True when the database stores such a person."""
    try:
        db.session.add(User(username=username, email=email))
        db.session.commit()
    except (DBAPIError, ValueError):
        return False
    finally:
        db.session.rollback()
        db.session.execute(sa.delete(User).where(User.username_key != 'susan'))
        db.session.commit()
    return True


class Rows(WorldCase):
    def setUp(self):
        super().setUp()
        self.person('susan')
        self.context = self.app.app_context()
        self.context.push()

    def tearDown(self):
        db.session.remove()
        self.context.pop()
        super().tearDown()

    def test_with_a_name_that_breaks_the_rule_are_refused(self):
        for name in NAMES:
            self.assertFalse(takes(name, 'x@example.com'), ascii(name))

    def test_with_an_address_that_breaks_the_rule_are_refused(self):
        for address in ADDRESSES:
            self.assertFalse(takes('x', address), ascii(address))

    def test_that_keep_the_rule_are_taken(self):
        for name, address in GOOD:
            self.assertTrue(takes(name, address), (name, address))

    def test_keep_a_name_and_its_key_together(self):
        for values in ({'username': 'Other'}, {'username_key': 'other'}, {'username': 'SUSAN', 'username_key': 'SUSAN'},
                       {'email': 'nobody'}):
            with self.assertRaises(DBAPIError, msg=values):
                db.session.execute(sa.update(User).values(values))
            db.session.rollback()
        db.session.execute(sa.update(User).values(username='SuSaN'))
        self.assertEqual('SuSaN', db.session.scalar(sa.select(User.username)))


class Migrated(MigrationCase):
    """A database that was migrated refuses what a new one refuses."""

    def test_has_the_same_checks(self):
        self.flask_db('upgrade')
        found = {check['name'] for check in sa.inspect(self.engine).get_check_constraints('user')}
        self.assertLessEqual({'ck_user_username', 'ck_user_email'}, found)
        with self.app().app_context():
            db.session.add(User(username='susan', email='susan@example.com'))
            db.session.commit()
            for name in NAMES:
                self.assertFalse(takes(name, 'x@example.com'), ascii(name))
            for address in ADDRESSES:
                self.assertFalse(takes('x', address), ascii(address))
            self.assertEqual([True] * len(GOOD), [takes(*pair) for pair in GOOD])
