"""The site under gunicorn: clients that send nothing, half of it, or do not hang up, hold up nobody."""
import contextlib
import http.client
import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request
from pathlib import Path

from tests.parts import once_only
from tests.scratch import Scratch, free_port

DROPPED = 10  # seconds after which a request that is not whole is given up
MANY = 60  # connections; the site has 8 threads
CROWD = 700  # connections
CROWD_PAUSES = 4.0  # seconds; a pause before each second of them is 5 in all, one before each 14
START = 20.0  # seconds, for a worker that takes the place of another, on a busy machine
RELOAD = 60.0  # seconds, for both workers that read everything anew while all other tests run
PROMPT = 4.0  # seconds; a thread that waits for a client is lost for at least 5
POST = b'POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n'


class WorkerCase(unittest.TestCase):
    """A site under gunicorn, and clients that speak to it as they like."""

    settings: dict[str, str] = {}

    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch()
        cls.addClassCleanup(cls.scratch.remove)
        cls.scratch.borrow_venv()
        cls.server, cls.port = cls.scratch.serve(**cls.settings)

    def connect(self, data: bytes = b'') -> socket.socket:
        client = socket.create_connection(('127.0.0.1', self.port), timeout=60)
        self.addCleanup(client.close)
        client.sendall(data)
        return client

    def answer(self, client: socket.socket) -> int:
        """Read one whole answer; its status."""
        response = http.client.HTTPResponse(client)
        response.begin()
        response.read()
        return response.status

    def assert_prompt(self, data: bytes):
        """While many clients have sent this, another one is answered at once."""
        clients = [self.connect(data) for _ in range(MANY)]
        time.sleep(0.2)
        begin = time.monotonic()
        self.assertEqual(self.answer(self.connect(b'GET /explore HTTP/1.1\r\nHost: localhost\r\n\r\n')), 200)
        self.assertLess(time.monotonic() - begin, PROMPT)
        for client in clients:
            client.close()


@once_only
class PatienceTest(WorkerCase):
    def test_silent_clients_hold_up_nobody(self):
        self.assert_prompt(b'')

    def test_half_heads_hold_up_nobody(self):
        self.assert_prompt(b'GET /explore HTTP/1.1\r\nHost: loc')

    def test_half_bodies_hold_up_nobody(self):
        self.assert_prompt(POST + b'Content-Length: 100\r\n\r\nusername=su')

    def test_half_chunked_bodies_hold_up_nobody(self):
        self.assert_prompt(POST + b'Transfer-Encoding: chunked\r\n\r\n5\r\nusern')

    def test_clients_that_keep_their_connection_hold_up_nobody(self):
        self.assert_prompt(b'GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n')

    def test_clients_that_do_not_hang_up_hold_up_nobody(self):
        self.assert_prompt(b'GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

    def test_refused_uploads_hold_up_nobody(self):
        self.assert_prompt(POST + b'Content-Length: 99999999\r\n\r\nusername=su')

    def test_drops_what_is_not_whole_in_time_however_it_drips(self):
        begin = time.monotonic()
        head = b'GET /explore HTTP/1.1\r\nX-Drip: '
        body = POST + b'Content-Length: 100\r\n\r\n'
        chunks = POST + b'Transfer-Encoding: chunked\r\n\r\n50\r\n'
        waiting = {self.connect(data): drip for data in (b'', head, body, chunks) for drip in (False, True)}
        waiting[kept := self.connect(b'GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n')] = True
        self.answer(kept)
        kept.sendall(head)
        while waiting and time.monotonic() - begin < DROPPED:
            for client in select.select(list(waiting), [], [], 1)[0]:
                with contextlib.suppress(ConnectionError):
                    self.assertEqual(b'', client.recv(100))
                del waiting[client]
            for client in [client for client, drip in waiting.items() if drip]:
                with contextlib.suppress(ConnectionError):
                    client.sendall(b'x')
        self.assertEqual({}, waiting)

    def test_answers_a_request_that_comes_in_pieces(self):
        client = self.connect(b'GET /explore HT')
        for piece in (b'TP/1.1\r\nHo', b'st: localhost\r\n', b'\r', b'\n'):
            time.sleep(0.05)
            client.sendall(piece)
        self.assertEqual(self.answer(client), 200)

    def test_reads_a_long_and_a_chunked_body_to_the_end(self):
        long = POST + b'Content-Length: 300000\r\n\r\n'
        chunked = POST + b'Transfer-Encoding: chunked\r\n\r\n'
        client = self.connect(long)
        client.sendall(b'a=' + b'x' * 299_998)
        self.assertEqual(self.answer(client), 400)  # there is no form token, but the connection goes on
        client.sendall(chunked + b'3\r\na=1\r\n')
        time.sleep(0.1)
        client.sendall(b'0\r\n\r\nGET /explore HTTP/1.1\r\nHost: localhost\r\n\r\n')
        self.assertEqual(self.answer(client), 400)

    def test_refuses_malformed_chunks_before_the_application_sees_them(self):
        for chunks in (b'zz\r\nhello\r\n0\r\n\r\n', b'-5\r\nhello\r\n0\r\n\r\n', b'5\r\nhelloXX0\r\n\r\n'):
            with self.subTest(chunks=chunks):
                client = self.connect(POST + b'Transfer-Encoding: chunked\r\n\r\n' + chunks)
                self.assertEqual(self.answer(client), 400)
        self.assertNotIn('Traceback', self.scratch.output())

    def test_refuses_endless_chunks(self):
        client = self.connect(POST + b'Transfer-Encoding: chunked\r\n\r\n')
        with contextlib.suppress(ConnectionError):
            for _ in range(3000):
                client.sendall(b'400\r\n' + b'x' * 1024 + b'\r\n')
        self.assertEqual(self.answer(client), 413)

    def test_answers_two_requests_sent_at_once(self):
        client = self.connect(b'GET /explore HTTP/1.1\r\nHost: localhost\r\n\r\n' * 2)
        file = client.makefile('rb')
        time.sleep(0.5)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(file.read().count(b'HTTP/1.1 200'), 2)

    def test_refuses_an_endless_head(self):
        client = self.connect(b'GET / HTTP/1.1\r\n' + b'X-Long: ' + b'x' * 70_000)
        self.assertEqual(self.answer(client), 431)

    def test_a_broken_request_gets_a_400_and_the_next_one_works(self):
        self.assertEqual(self.answer(self.connect(b'\x16\x03\x01\x02 hello\r\n\r\n')), 400)
        self.assertEqual(self.answer(self.connect(b'GET /explore HTTP/1.1\r\nHost: localhost\r\n\r\n')), 200)


@once_only
class RoomTest(WorkerCase):
    """More clients than a worker has room for, or than it may open files."""

    settings = {'GUNICORN_CMD_ARGS': f'--worker-connections {MANY // 2}'}

    def test_idle_connections_make_room_for_new_ones(self):
        self.assert_prompt(b'GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n')

    def test_half_requests_make_room_for_new_ones(self):
        self.assert_prompt(b'GET /explore HTTP/1.1\r\nHost: loc')

    def test_a_worker_survives_having_no_file_left(self):
        worker, = workers(self.server.pid)
        number = len(os.listdir(f'/proc/{worker}/fd'))
        soft, hard = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (number + 5, hard))
        clients = [self.connect(b'GET /explore HTTP/1.1\r\nHost: loc') for _ in range(20)]
        time.sleep(0.5)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (soft, hard))
        self.assertEqual(self.answer(self.connect(b'GET /explore HTTP/1.1\r\nHost: localhost\r\n\r\n')), 200)
        self.assertEqual([worker], workers(self.server.pid))
        for client in clients:
            client.close()


@once_only
class ShareTest(WorkerCase):
    """Two workers, each of which takes its share of the clients."""

    settings = {'WEB_CONCURRENCY': '2'}

    def ask(self, number: int) -> list[int]:
        """Have so many new clients ask and stay; how many of them each worker has."""
        clients = [self.connect(b'GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n') for _ in range(number)]
        self.assertEqual([200] * number, [self.answer(client) for client in clients])
        return sorted(len(connections(worker, self.port)) for worker in workers(self.server.pid))

    def test_clients_that_come_together_and_stay(self):
        few, _many = self.ask(12)
        self.assertGreaterEqual(few, 4)

    def test_clients_that_come_one_after_the_other(self):
        for _number in range(8):
            few, _many = self.ask(1)
        self.assertGreaterEqual(few, 3)

    def test_a_dead_worker_has_no_share_and_a_stopped_one_delays_nobody(self):
        killed, stopped = workers(self.server.pid)
        os.kill(killed, signal.SIGKILL)
        os.kill(stopped, signal.SIGSTOP)
        try:
            begin = time.monotonic()
            self.assertEqual(200, self.answer(self.connect(b'GET /explore HTTP/1.1\r\nHost: localhost\r\n\r\n')))
            self.assertLess(time.monotonic() - begin, START)
        finally:
            os.kill(stopped, signal.SIGCONT)


@once_only
class CrowdTest(WorkerCase):
    """Two workers and more clients at one time than either takes without a look at the other."""

    settings = {'WEB_CONCURRENCY': '2'}

    def test_many_that_come_at_one_time_are_not_taken_one_by_one(self):
        self.assertLess(self.crowd() - self.queue(), CROWD_PAUSES)

    def test_a_stopped_worker_does_not_delay_each_of_many(self):
        stopped = workers(self.server.pid)[0]
        os.kill(stopped, signal.SIGSTOP)
        try:
            self.assertLess(self.crowd() - self.queue(), CROWD_PAUSES)
        finally:
            os.kill(stopped, signal.SIGCONT)

    def crowd(self) -> float:
        """How many seconds it takes until many new clients that ask at one time have their answers."""
        begin = time.monotonic()
        clients = [self.connect(b'GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n') for _ in range(CROWD)]
        for client in clients:
            self.answer(client)
            client.close()
        return time.monotonic() - begin

    def queue(self) -> float:
        """How many seconds one client takes for as many, one after the other: what the machine needs for them now."""
        client = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        self.addCleanup(client.close)
        begin = time.monotonic()
        for _ in range(CROWD):
            client.request('GET', '/robots.txt')
            client.getresponse().read()
        return time.monotonic() - begin


def connections(pid: int, port: int) -> set[str]:
    """The connections to a port that a process holds."""
    rows = [line.split() for line in Path('/proc/net/tcp').read_text().splitlines()[1:]]
    here = {row[9] for row in rows if row[1].endswith(f':{port:04X}') and row[3] == '01'}
    links = [os.readlink(file) for file in Path(f'/proc/{pid}/fd').iterdir() if file.is_symlink()]
    return here & {link.removeprefix('socket:[').removesuffix(']') for link in links}


def workers(pid: int) -> list[int]:
    """The processes that a server has started and that still run."""
    return [int(child) for child in Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]


def wait_for(is_so) -> None:
    deadline = time.monotonic() + RELOAD
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@once_only
class FiguresTest(WorkerCase):
    """Workers that die take nothing along that was counted, and those in their places count on."""

    settings = {'METRICS_TOKEN': 'a-token-for-figures', 'WEB_CONCURRENCY': '2'}

    def answers(self) -> float:
        """How many answers all workers have counted."""
        request = urllib.request.Request(f'http://localhost:{self.port}/metrics',
                                         headers={'Authorization': 'Bearer a-token-for-figures'})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return sum(map(float, re.findall(r'\nmicroblog_responses_total{.*} (.*)', answer.read().decode())))

    def ask(self, number: int) -> None:
        for _ in range(number):
            self.answer(self.connect(b'GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'))

    def kill(self) -> None:
        """End both workers in the middle of everything, one after the other."""
        for old in workers(self.server.pid):
            os.kill(old, signal.SIGKILL)
            wait_for(lambda old=old: len(set(workers(self.server.pid)) - {old}) == 2)

    def test_workers_in_the_place_of_dead_ones_count_on(self):
        self.ask(20)
        before = self.answers()
        self.kill()
        self.ask(50)
        self.assertGreaterEqual(self.answers(), before + 50)

    def test_what_is_spoilt_ends_neither_the_site_nor_its_figures(self):
        self.ask(20)
        for worker in workers(self.server.pid):
            path = self.scratch.root / f'instance/metrics/counter_{worker}.db'
            path.unlink(missing_ok=True)  # its process has it open
            path.write_bytes(b'\x01' * 5000)
        self.kill()
        self.ask(50)
        self.assertGreaterEqual(self.answers(), 50)
        self.assertIn('cannot be read', (self.scratch.root / 'logs/microblog.log').read_text())


@once_only
class ReloadTest(WorkerCase):
    """A signal, and the site runs what now lies in its folder: every module of it, and none of the old ones."""

    settings = {'METRICS_TOKEN': 'a-token-for-figures', 'WEB_CONCURRENCY': '2'}
    CHANGED = {'app/assets.py': ("'{prefix}/{filename}?v=", "'{prefix}/{filename}?w="),  # what everything else imports
               'app/main/wellknown.py': ("'User-agent: *'", "'User-agent: anybody'"),
               'config.py': ("'MAX_CONTENT_LENGTH', 1024 * 1024,", "'MAX_CONTENT_LENGTH', 20_000,")}

    def page(self, path: str) -> str:
        with contextlib.closing(http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)) as client:
            client.request('GET', path)
            return client.getresponse().read().decode()

    def workers(self) -> set[str]:
        children = Path(f'/proc/{self.server.pid}/task/{self.server.pid}/children')
        return set(children.read_text().split())

    def test_a_reload_reads_the_whole_application_anew(self):
        old = self.workers()
        os.kill(int(min(old)), signal.SIGKILL)  # the next one is made by a master that has a part of the old release
        wait_for(lambda: len(self.workers() - {min(old)}) == 2)
        old = self.workers()
        for name, (before, after) in self.CHANGED.items():
            path = self.scratch.root / name
            self.assertIn(before, path.read_text())
            path.write_text(path.read_text().replace(before, after))
        self.server.send_signal(signal.SIGHUP)
        wait_for(lambda: not self.workers() & old and len(self.workers()) == 2)
        self.assertIn('User-agent: anybody', self.page('/robots.txt'))
        self.assertIn('microblog.css?w=', self.page('/about'))
        self.assertEqual(413, self.answer(self.connect(POST + b'Content-Length: 20001\r\n\r\n' + bytes(20_001))))

    def test_a_reload_with_a_malformed_setting_leaves_the_site_running(self):
        for setting in ('MAX_CONTENT_LENGTH=lots', 'WEB_THREADS=many', 'WEB_AT_ONCE=lots',
                        'SECRET_KEY=short\nSITE_URL=https://blog.example.org'):
            old = self.workers()
            (self.scratch.root / '.env').write_text(f'{setting}\n')
            self.server.send_signal(signal.SIGHUP)
            wait_for(lambda old=old: not self.workers() & old and len(self.workers()) == 2)
            self.assertIn('User-agent', self.page('/robots.txt'))
            self.assertIn(f'Microblog cannot start: {setting.partition("=")[0]} ', self.scratch.output())
        (self.scratch.root / '.env').unlink()
        self.assertEqual(4, self.scratch.output().count('Microblog cannot start'))  # nothing but the looks


@once_only
class StartTest(unittest.TestCase):
    """What a worker could not live with ends the start, however the server is started."""

    def test_a_malformed_setting_is_a_sentence_and_no_worker_begins(self):
        scratch = Scratch()
        self.addCleanup(scratch.remove)
        scratch.borrow_venv()
        key = 'a key of a test that has more than 32 bytes'
        for name, own in (
                ('WEB_AT_ONCE', {'WEB_AT_ONCE': 'lots'}), ('SECRET_KEY', {'SECRET_KEY': 'short'}),
                ('SECRET_KEY_FALLBACKS', {'SECRET_KEY': key, 'SECRET_KEY_FALLBACKS': 'short'})):
            settings = {'SITE_URL': 'https://blog.example.org', 'PORT': str(free_port()), **own}
            for command in ['./boot.sh'], [sys.executable, '-m', 'gunicorn', '--config', 'deploy/gunicorn.conf.py',
                                           'microblog:app']:
                with self.subTest(name=name, command=command[0]):
                    done = subprocess.run(command, cwd=scratch.root, env=scratch.environment(**settings), timeout=120,
                                          capture_output=True, text=True)
                    self.assertEqual(1, done.returncode)
                    self.assertIn(f'Microblog cannot start: {name} ', done.stderr)
                    self.assertNotIn('Booting worker', done.stderr)
