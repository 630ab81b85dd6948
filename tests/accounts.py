"""Words for tests of accounts: letters that arrive, cookies that are copied, the work that an answer costs."""
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Thread
from types import SimpleNamespace
from unittest import mock

import sqlalchemy as sa

from app import db, hashing
from app.exceptions import Refused
from app.models import Task, UserSession
from tests.base import AppTestCase, Visitor
from tests.mailbox import Mailbox
from tests.world import LiveConfig, WorldCase


class AccountCase(WorldCase):
    """A test that looks at who is logged in, and at what it costs to answer."""

    def is_in(self, visitor: Visitor) -> bool:
        """True when the visitor is logged in."""
        return visitor.get('/settings').status_code == 200

    def copy(self, visitor: Visitor, change=lambda cookie: cookie) -> Visitor:
        """Another browser with the same session cookie, or with what `change` makes of it."""
        other = self.new_visitor()
        other.client.set_cookie('session', change(visitor.client.get_cookie('session').value))
        return other

    def age(self, **values) -> None:
        """Change columns of every session row."""
        with self.app.app_context():
            db.session.execute(sa.update(UserSession).values(values))
            db.session.commit()

    @contextmanager
    def work(self) -> Iterator[SimpleNamespace]:
        """What the block costs: `hashes`, `statements` by their first word, and `tasks` that it leaves waiting."""
        done = SimpleNamespace(hashes=[], statements=[], tasks=[])
        counted = CountingHasher(hashing._hasher(), done.hashes)
        before = self.rows(Task)
        with self.statements() as statements, mock.patch.object(hashing, '_hasher', lambda: counted):
            yield done
        done.statements = [statement.split(None, 1)[0].upper() for statement in statements]
        done.tasks = self.rows(Task) - before

    def at_once(self, *acts):
        """Run each act in a thread of its own at one moment; what they answered, in their order."""
        ready, answers = Barrier(len(acts)), [None] * len(acts)

        def run(number, act):
            ready.wait()
            answers[number] = act()
        threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


class ActCase(AppTestCase):
    """A test inside an application context, as in a shell."""

    def setUp(self):
        super().setUp()
        self.context = self.app.app_context()
        self.context.push()

    def tearDown(self):
        db.session.remove()
        self.context.pop()
        super().tearDown()

    def count(self, model) -> int:
        """How many rows there are."""
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))

    def refused(self, field: str, act, *arguments) -> str:
        """What the act says about this field when it refuses."""
        with self.assertRaises(Refused) as refusal:
            act(*arguments)
        self.assertEqual(field, refusal.exception.field)
        return str(refusal.exception.message)


class CountingHasher:
    """Notes what is asked of the real hasher."""

    def __init__(self, real, calls: list[str]):
        self.real, self.calls = real, calls
        self.check_needs_rehash = real.check_needs_rehash

    def hash(self, password):
        self.calls.append('hash')
        return self.real.hash(password)

    def verify(self, hash, password):
        self.calls.append('verify')
        return self.real.verify(hash, password)


class PostalConfig(LiveConfig):
    """A site that sends mail; to which port, the test case says."""

    MAIL_SERVER = '127.0.0.1'


class LetterCase(AccountCase):
    """A test with a real mail server."""

    config = PostalConfig

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox = Mailbox()
        cls.enterClassContext(mock.patch.multiple(
            cls.app.extensions['mail'], server='127.0.0.1', port=cls.mailbox.port, suppress=False))

    @classmethod
    def tearDownClass(cls):
        cls.mailbox.stop()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.mailbox.letters.clear()

    def arrived(self) -> list[tuple[str, str]]:
        """Send what waits to be sent; (to, subject) of every letter so far."""
        self.run_tasks()
        return [(letter['To'], letter['Subject']) for letter in self.mailbox.letters]

    def link(self, number: int = -1) -> str:
        """Where the link of a letter leads on this site."""
        self.run_tasks()
        return re.search(r'http://localhost:5000(/\S+)', self.mailbox.text(number))[1]
