"""nginx, supervisor, gunicorn and MariaDB from the files of deploy/: a browser posts, and a reload loses nothing."""
import contextlib
import re
import shutil
import subprocess
import threading
import time
import unittest

from bench.faults.databases import MariaDB
from tests.base import PASSWORD, hidden_fields
from tests.browser.site import Reader, chromium, needs_chromium
from tests.deploy.front import Front, Guest, needs_nginx
from tests.parts import needs, once_only
from tests.scratch import ROOT, Scratch, free_port

SUPERVISOR = shutil.which('supervisord')
MAIN = """[unix_http_server]
file={folder}/supervisor.sock
[supervisord]
nodaemon=true
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{folder}/supervisor.sock
[include]
files = {folder}/microblog.conf
"""
SETTINGS = """SITE_URL=https://localhost:{port}
SECRET_KEY=a key of a test that has more than 32 bytes
DATABASE_URL={database}
PORT={back}
TRUSTED_PROXIES=1
TASK_THREADS=0
LIMIT_POST=10000 per minute
LIMIT_WRITE=10000 per minute
LIMIT_REGISTER=1000 per hour
"""
CLIENTS, EACH = 8, 6

needs_supervisor = needs('supervisor', SUPERVISOR, 'install the Debian package supervisor to try its programs.')


@needs_chromium
@needs_nginx
@needs_supervisor
@once_only
class SupervisedSite(unittest.TestCase):
    """A machine as docs/deploy.md makes it, below a folder of its own."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch()
        cls.addClassCleanup(cls.scratch.remove)
        cls.scratch.borrow_venv()
        cls.database = MariaDB()
        cls.addClassCleanup(cls.database.remove)
        cls.database.start()
        cls.port, cls.back = free_port(), free_port()
        (cls.scratch.root / '.env').write_text(SETTINGS.format(port=cls.port, back=cls.back, database=cls.database.url))
        (cls.scratch.root / '.env').chmod(0o600)
        (cls.scratch.root / 'logs').mkdir()
        for command in (['db', 'upgrade'], ['translate', 'compile']):
            subprocess.run([cls.scratch.root / 'venv/bin/flask', *command], cwd=cls.scratch.root, check=True,
                           env=cls.scratch.environment(), capture_output=True)
        cls.supervise()
        cls.front = Front(cls.scratch, cls.back, cls.port)
        cls.addClassCleanup(cls.front.stop)
        cls.wait_for(lambda: cls.asks('/explore') == 200)

    @classmethod
    def supervise(cls) -> None:
        """Start the programs of deploy/supervisor.conf, in this folder and as who we are."""
        folder = cls.scratch.folder
        text = (ROOT / 'deploy/supervisor.conf').read_text().replace('/srv/microblog', str(cls.scratch.root))
        (folder / 'microblog.conf').write_text(re.sub('user=microblog\n', '', text))
        (folder / 'supervisord.conf').write_text(MAIN.format(folder=folder))
        process = subprocess.Popen([SUPERVISOR, '-c', folder / 'supervisord.conf'], cwd=folder,
                                   env=cls.scratch.environment(), stdout=subprocess.DEVNULL)
        cls.addClassCleanup(process.wait, 60)
        cls.addClassCleanup(process.terminate)

    @classmethod
    def control(cls, *command: str) -> str:
        return subprocess.run([shutil.which('supervisorctl'), '-c', cls.scratch.folder / 'supervisord.conf', *command],
                              capture_output=True, text=True, timeout=240).stdout

    @staticmethod
    def wait_for(condition) -> None:
        deadline = time.monotonic() + 240
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError('it did not come to pass')
            time.sleep(0.05)

    @classmethod
    def asks(cls, path: str) -> int:
        guest = Guest(cls.front)
        with contextlib.closing(guest.connection):
            return guest.ask('GET', path)[0].status

    def bodies(self) -> list[str]:
        return self.database.values('SELECT body FROM post')

    def test_a_browser_registers_and_posts_and_the_request_is_found_in_both_logs(self):
        with chromium().new_context(ignore_https_errors=True, locale='en') as context:
            reader = Reader(context, f'https://localhost:{self.port}')
            reader.go('/auth/register')
            reader.send('Create account', username='susan', email='susan@example.com', password=PASSWORD,
                        password2=PASSWORD)
            reader.log_in('susan')
            reader.go('/')
            reader.send('Post', post='Hello from behind nginx 👋')
            self.assertIn('Hello from behind nginx 👋', reader.posts())
        self.assertEqual(['Hello from behind nginx 👋'], [body for body in self.bodies() if 'nginx' in body])
        self.assertRegex(self.control('status'), r'microblog-tasks +RUNNING[^\n]*\nmicroblog-web +RUNNING')
        events = (self.scratch.root / 'logs/microblog.log').read_text()
        number = re.search(r'event=registered .* request=([0-9A-F-]{14})', events)[1]
        self.assertRegex((self.front.folder / 'access.log').read_text(), rf'"POST /auth/register" 302 .* {number}')

    def test_the_doctor_finds_nothing_to_be_done(self):
        self.asks('/explore')
        said = subprocess.run([self.scratch.root / 'venv/bin/flask', 'doctor'], cwd=self.scratch.root, text=True,
                              env={'PATH': self.scratch.environment()['PATH']}, capture_output=True)
        self.assertEqual(0, said.returncode, said.stdout + said.stderr)
        self.assertIn('mariadb 1', said.stdout)

    def test_a_reload_loses_no_request(self):
        guests = [self.registered(f'writer{number}') for number in range(CLIENTS)]
        failed, written, half_way = [], [], threading.Event()

        def write(number: int, guest: Guest) -> None:
            for turn in range(EACH):
                text = f'post {number} {turn}'
                answer, page = guest.submit('/', post=text)
                written.append(text)
                if answer.status != 302:
                    failed.append((answer.status, page[:200]))
                if turn == 1:
                    half_way.set()
        threads = [threading.Thread(target=write, args=parts) for parts in enumerate(guests)]
        for thread in threads:
            thread.start()
        half_way.wait(240)
        before = self.workers()
        self.control('signal', 'HUP', 'microblog-web')
        for thread in threads:
            thread.join()
        self.wait_for(lambda: self.workers() and not self.workers() & before)
        self.assertEqual([], failed)
        self.assertEqual(CLIENTS * EACH, len(written))
        self.assertEqual(sorted(written), sorted(body for body in self.bodies() if body.startswith('post ')))

    def registered(self, name: str) -> Guest:
        guest = Guest(self.front)
        self.addCleanup(guest.connection.close)
        guest.submit('/auth/register', username=name, email=f'{name}@example.com', password=PASSWORD,
                     password2=PASSWORD)
        guest.submit('/auth/login', username=name, password=PASSWORD)
        self.assertTrue(hidden_fields(guest.ask('GET', '/')[1]))
        return guest

    def workers(self) -> set[str]:
        """The processes that serve."""
        master = self.control('pid', 'microblog-web').strip()
        with open(f'/proc/{master}/task/{master}/children') as file:
            return set(file.read().split())


