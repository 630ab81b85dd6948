"""The container: the steps of the Dockerfile, and a site in what they make, as compose.yaml runs it."""
import http.cookiejar
import os
import re
import signal
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

from bench.faults.databases import PostgreSQL
from tests.base import PASSWORD, hidden_fields
from tests.deploy.box import Box, child, needs_root
from tests.parts import once_only
from tests.scratch import ROOT, Scratch, free_port

COMPOSE = (ROOT / 'deploy/compose.yaml').read_text()
SECRET = 'a key of a test that has more than 32 bytes'
PRIVATE = ('deploy/.env', '.env', 'instance/secret_key', 'tests/test_app.py', '.git/config')
PATIENCE = 300  # seconds: of a machine with much else to do
# What Docker does for a line of compose.yaml, in the words of setpriv.
TAKEN_AWAY = {'cap_drop: [ALL]': ['--bounding-set=-all', '--inh-caps=-all'],
              'security_opt: ["no-new-privileges:true"]': ['--no-new-privs']}


def said_by_compose(pattern: str) -> str:
    """What the file says of the application."""
    return re.search(pattern, COMPOSE.partition('  database:')[0])[1]


@needs_root
@once_only
class ContainerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch()
        cls.addClassCleanup(cls.scratch.remove)
        for name in PRIVATE:
            (cls.scratch.root / name).parent.mkdir(exist_ok=True)
            (cls.scratch.root / name).write_text(SECRET)
        cls.box = Box(cls.scratch)
        cls.addClassCleanup(cls.box.remove)
        cls.box.build()
        cls.database = PostgreSQL()
        cls.addClassCleanup(cls.database.remove)
        cls.database.start()
        assert said_by_compose('read_only: (.*)') == 'true'
        cls.box.seal(said_by_compose(r'volumes: \["instance:(.*)"\]'),
                     said_by_compose(r'tmpfs: \[(.*)\]').split(', '))
        cls.box.without = [flag for line, flags in TAKEN_AWAY.items() if said_by_compose(f'({re.escape(line)}|$)')
                           for flag in flags]

    def test_a_person_registers_and_posts_on_a_read_only_file_system(self):
        port = free_port()
        settings = {'PORT': str(port), 'SITE_URL': f'http://localhost:{port}', 'SECRET_KEY': SECRET,
                    'DATABASE_URL': self.database.url, 'METRICS_TOKEN': 'a-token-of-a-test-4711'}
        site = self.box.start(self.box.command, **settings)
        self.addCleanup(site.stdout.close)
        self.addCleanup(site.kill)
        self.wait_until_well(site, settings)
        self.assertIn('Hello from a box', self.post(f'http://localhost:{port}', 'Hello from a box'))
        self.assertEqual(['Hello from a box'], self.database.values('SELECT body FROM post'))
        code, said = self.box.run(['flask', 'doctor'], **settings)
        self.assertEqual((0, True), (code, 'The site is well.' in said), said)
        os.kill(child(site), signal.SIGTERM)  # which `docker stop` sends
        self.assertEqual(0, site.wait(PATIENCE))

    def wait_until_well(self, site, settings: dict[str, str]) -> None:
        """Until the health check of the Dockerfile says so."""
        deadline = time.monotonic() + PATIENCE
        while self.box.run(self.box.health, **settings)[0]:
            if time.monotonic() > deadline or site.poll() is not None:
                site.kill()
                raise AssertionError(site.stdout.read())
            time.sleep(0.5)

    def post(self, site: str, text: str) -> str:
        """Register, log in and post, as a browser does; the page afterwards."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

        def submit(path: str, **own: str) -> str:
            with browser.open(site + path) as page:
                hidden = hidden_fields(page.read().decode())
            with browser.open(site + path, urllib.parse.urlencode({**hidden, **own}).encode()) as page:
                return page.read().decode()
        submit('/auth/register', username='susan', email='susan@example.com', password=PASSWORD, password2=PASSWORD)
        submit('/auth/login', username='susan', password=PASSWORD)
        return submit('/', post=text)

    def test_is_not_root_and_can_write_to_its_instance_folder_only(self):
        code, said = self.box.run(['sh', '-c', 'id -u; grep -hE "CapBnd|NoNew" /proc/self/status; '
                                   'touch instance/x /tmp/x && rm instance/x; touch app/x /usr/local/x /x'])
        self.assertEqual(1, code)
        self.assertEqual(['990', 'CapBnd:\t0000000000000000', 'NoNewPrivs:\t1'], said.splitlines()[:3])
        self.assertEqual(3, said.count('Read-only file system'), said)

    def test_nothing_private_is_in_the_image(self):
        for name in PRIVATE:
            self.assertEqual(1, self.box.run(['test', '-e', name])[0], name)
        self.assertEqual(0, self.box.run(['test', '-e', 'deploy/gunicorn.conf.py'])[0])


@once_only
class DockerfileTest(unittest.TestCase):
    """What can be known of the Dockerfile without root."""

    def test_copies_and_runs_what_is_there(self):
        text = (ROOT / 'deploy/Dockerfile').read_text()
        left_out = (ROOT / '.dockerignore').read_text().split()
        self.assertFalse({'app', 'migrations', 'deploy', 'config.py', 'microblog.py'} & set(left_out))
        self.assertIn('**/.env', left_out)  # deploy/.env, too: an image is no place for a key
        self.assertIn('\nUSER microblog\n', text)
        self.assertLess(text.index('\nUSER'), text.index('\nCMD'))
        self.assertIn('--require-hashes', text)
        for path in ('deploy/gunicorn.conf.py', 'microblog.py', 'requirements.txt'):
            self.assertTrue(Path(ROOT / path).exists())
