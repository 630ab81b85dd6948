"""A site to test: its settings, its empty database, people and posts for it, and a visitor with forms."""
import atexit
import gc
import html
import logging
import os
import re
import shutil
import tempfile
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from unittest import mock

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask, Response, request
from jinja2 import BytecodeCache

import config
from app import browsers, create_app, db, hashing
from app.auth import sessions
from app.models import Post, User
from app.services import accounts
from app.tasks import runner

PASSWORD = 'seven green bottles'
AGENT = f'Werkzeug/{version("werkzeug")}'  # of a test's browser
CHEAP = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)  # what a hash costs is tested in test_hashing.py
HASH = CHEAP.hash(PASSWORD)
folder = tempfile.mkdtemp(prefix='microblog-tests-')
logging.getLogger('app.events').setLevel(logging.WARNING)  # unless a test asks for them
atexit.register(shutil.rmtree, folder, ignore_errors=True)
gc.freeze()  # what is imported stays: to look through it time and again takes a tenth of the time


class TestConfig(config.Config):
    """A site like one that runs, except that its threads rest: a test runs the tasks itself."""

    TESTING = True
    SECRET_KEY = 'only for tests: a key of more than 32 bytes'
    SITE_URL = 'http://localhost:5000'
    SQLALCHEMY_DATABASE_URI = config.rewrite(os.environ.get('TEST_DATABASE_URL') or f'sqlite:///{folder}/test.db')
    TASK_THREADS = 0
    RATELIMIT_ENABLED = False  # tests log in all the time; those of limits switch them on
    RATELIMIT_STORAGE_SECONDS = 30  # what a busy disk holds up is counted all the same
    RATELIMIT_STORAGE_URI = REDIS_URL = CELERY_BROKER_URL = ELASTICSEARCH_URL = ''
    MAIL_SERVER = METRICS_TOKEN = ''
    ADMINS = ['admin@example.com']
    LANGUAGES = list(config.LANGUAGES)
    LOG_FOLDER = folder


class Templates(BytecodeCache):
    """What Jinja made of the templates: the sites of all test cases are made of the same ones."""

    compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


class AppTestCase(unittest.TestCase):
    """A test with a site whose database is empty at its beginning."""

    config: type = TestConfig
    sites: dict[type, Flask] = {}  # of cases that share one

    @classmethod
    def setUpClass(cls) -> None:
        cls.enterClassContext(mock.patch.multiple(hashing, _hasher=lambda: CHEAP, NOBODY=CHEAP.hash('nobody at all')))
        is_shared = 'config' not in vars(cls)
        cls.app = (is_shared and cls.sites.get(cls.config)) or cls.create_site()
        if is_shared:
            cls.sites[cls.config] = cls.app
        with cls.app.app_context():
            db.create_all()

    @classmethod
    def create_site(cls) -> Flask:
        """A new site, which takes as long to make as many a test."""
        app = create_app(cls.config)
        app.jinja_env.bytecode_cache = Templates()
        return app

    @classmethod
    def tearDownClass(cls) -> None:
        with cls.app.app_context():
            db.engine.dispose()
        del cls.app  # a class stays as long as the process, and a site of its own is large

    def setUp(self) -> None:
        self.visitor = self.new_visitor()

    def tearDown(self) -> None:
        """Empty what is not: to ask all tables at once takes less than to empty them."""
        tables = list(reversed(db.metadata.sorted_tables))
        with self.app.app_context(), db.engine.begin() as connection:
            asked = [sa.exists(sa.select(1).select_from(table)) for table in tables]
            for table, is_filled in zip(tables, connection.execute(sa.select(*asked)).one(), strict=True):
                if is_filled:
                    connection.execute(sa.delete(table))

    def new_visitor(self, **headers: str) -> 'Visitor':
        """Somebody with a browser of their own."""
        return Visitor(self.app, headers)

    def turn_mail_on(self) -> None:
        """Let the site believe, for the rest of this test, that it can send mail."""
        mail = mock.patch.dict(self.app.config, MAIL_SERVER='127.0.0.1')
        mail.start()
        self.addCleanup(mail.stop)

    def run_tasks(self) -> int:
        """Run what waits to be run; how many tasks that was."""
        return runner.run_due(self.app)

    def log_in(self, username: str, password: str = PASSWORD) -> 'Visitor':
        """A browser in which this person is logged in; they are made when they do not exist."""
        visitor = self.new_visitor()
        headers = {'User-Agent': AGENT, **visitor.headers}
        with self.app.test_request_context(headers=headers, environ_base={'REMOTE_ADDR': '127.0.0.1'}):
            self.app.preprocess_request()
            user = db.session.scalar(sa.select(User).where(User.username == username)) or make_user(username)
            if (user.password_hash, password) == (HASH, PASSWORD) and user.is_active:
                visitor.keep(self.app.process_response(self.begin_session(username)))
                return visitor
        visitor.submit('/auth/login', username=username, password=password)
        return visitor

    def begin_session(self, username: str) -> Response:
        """What the log-in page does with the right password, its form and its limit apart."""
        user = accounts.authenticate(username, PASSWORD)
        sessions.log_in(user, remember=False)
        response = browsers.remember(Response(), user.id)
        db.session.commit()
        return response

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements that run inside the block."""
        seen: list[str] = []

        def note(conn, cursor, statement, parameters, context, executemany):
            seen.append(statement)
        with self.app.app_context():
            engine = db.engine
        sa.event.listen(engine, 'before_cursor_execute', note)
        try:
            yield seen
        finally:
            sa.event.remove(engine, 'before_cursor_execute', note)


class Visitor:
    """A browser without script: it keeps cookies and sends forms with the hidden fields of their page."""

    def __init__(self, app: Flask, headers: dict[str, str]):
        self.client = app.test_client()
        self.headers = headers

    def keep(self, response: Response) -> None:
        """Take the cookies of the answer to the request at hand."""
        self.client._update_cookies_from_response(
            request.host.partition(':')[0], request.path, response.headers.getlist('Set-Cookie'))

    def get(self, path: str, **options):
        """Open a page."""
        return self.client.get(path, headers={**self.headers, **options.pop('headers', {})}, **options)

    def post(self, path: str, data: dict | None = None, **options):
        """Send a form as it is given, without the token of a page."""
        return self.client.post(path, data=data, headers={**self.headers, **options.pop('headers', {})}, **options)

    def submit(self, path: str, page: str | None = None, follow: bool = False, **fields):
        """Open the page of a form, fill in the fields and send it to `path`."""
        hidden = hidden_fields(self.get(page or path, follow_redirects=True).text)
        return self.post(path, {**hidden, **fields}, follow_redirects=follow)


def hidden_fields(page: str) -> dict[str, str]:
    """Token and one-time key of the first form that has them."""
    found = {}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] in ('csrf_token', 'form_key') and name[1] not in found:
            found[name[1]] = html.unescape(value[1]) if value else ''
    return found


def make_user(username: str = 'susan', **values) -> User:
    """Store a person with the password PASSWORD."""
    user = User(username=username, email=values.pop('email', f'{username}@example.com'), **values)
    user.password_hash = HASH
    db.session.add(user)
    db.session.commit()
    return user


def make_post(author: User, body: str = 'Small joys', **values) -> Post:
    """Store a post."""
    post = Post(body=body, author=author, **values)
    db.session.add(post)
    db.session.commit()
    return post
