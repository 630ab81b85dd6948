"""The lines of the Procfile as Heroku runs them: PORT and DATABASE_URL given, PostgreSQL, and Celery on Redis."""
import contextlib
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request
from email.header import decode_header, make_header

from bench.faults.databases import PostgreSQL
from tests.base import PASSWORD, hidden_fields
from tests.limits.redis_server import RedisServer, needs_redis
from tests.mailbox import Mailbox
from tests.parts import needs, once_only
from tests.scratch import Scratch, free_port

HONCHO = os.path.join(os.path.dirname(sys.executable), 'honcho')
PATIENCE = 300  # seconds: of a machine with much else to do
needs_honcho = needs('honcho', os.path.exists(HONCHO), './boot.sh test installs what the tests need.')


@needs_redis
@needs_honcho
@once_only
class ProcfileTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.remove)
        self.scratch.borrow_venv()
        self.database, redis, self.mailbox = PostgreSQL(), RedisServer(), Mailbox()
        for part in (self.database.remove, redis.stop, self.mailbox.stop):
            self.addCleanup(part)
        self.database.start()
        self.port = free_port()
        self.settings = self.scratch.environment(
            PATH=f'{os.path.dirname(HONCHO)}:{os.environ["PATH"]}', PORT=str(self.port), MAIL_SERVER='127.0.0.1',
            MAIL_PORT=str(self.mailbox.port), SECRET_KEY='a key of a test that has more than 32 bytes',
            SITE_URL=f'http://localhost:{self.port}', TASK_THREADS='0', LOG_TO_STDOUT='on',
            DATABASE_URL=self.database.url.replace('postgresql://', 'postgres://'),  # as Heroku writes it
            CELERY_BROKER_URL=f'redis://127.0.0.1:{redis.port}/0')
        self.output = tempfile.TemporaryFile('w+')  # noqa: SIM115 it is written until the processes end
        self.addCleanup(self.output.close)

    def start(self, *names: str) -> subprocess.Popen:
        process = subprocess.Popen([HONCHO, '--no-colour', 'start', '--no-prefix', *names], cwd=self.scratch.root,
                                   env=self.settings, stdout=self.output, stderr=self.output)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.terminate)
        return process

    def said(self) -> str:
        self.output.seek(0)
        return self.output.read()

    def wait_for(self, condition) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(self.said())
            time.sleep(0.1)

    def is_there(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f'http://localhost:{self.port}/readyz') as answer:
            return answer.status == 200
        return False

    def test_serves_and_sends_its_letters(self):
        self.assertEqual(0, self.start('release').wait(PATIENCE), self.said())
        for compiled in self.scratch.root.glob('app/translations/*/LC_MESSAGES/*.mo'):
            compiled.unlink()  # nothing stays of what `release` wrote
        both = self.start('web', 'worker')
        self.wait_for(self.is_there)
        self.register()
        self.wait_for(lambda: self.mailbox.letters)
        self.assertEqual('susan@example.com', self.mailbox.letters[0]['To'])
        self.assertIn('Bestätige deine Adresse', str(make_header(decode_header(self.mailbox.letters[0]['Subject']))))
        self.wait_for(lambda: self.states() == ['done'])  # it is noted after the letter has gone
        self.assertNotRegex(self.said(), 'Traceback|ERROR')
        both.send_signal(signal.SIGTERM)  # what is at work then may be lost; it is done again by the next
        both.wait(PATIENCE)
        self.assertFalse(self.is_there())

    def states(self) -> list[str]:
        return self.database.values("SELECT state FROM task WHERE name <> 'remove_expired' AND user_id IS NOT NULL "
                                    'LIMIT 1')

    def register(self) -> None:
        """Fill in the form, as a browser does."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        browser.addheaders.append(('Accept-Language', 'de'))
        address = f'http://localhost:{self.port}/auth/register'
        with browser.open(address) as page:
            text = page.read().decode()
        self.assertIn('Anmelden', text)
        hidden = hidden_fields(text)
        own = {'username': 'susan', 'email': 'susan@example.com', 'password': PASSWORD, 'password2': PASSWORD}
        with browser.open(address, urllib.parse.urlencode({**hidden, **own}).encode()) as page:
            self.assertFalse(re.search('invalid-feedback', page.read().decode()))
