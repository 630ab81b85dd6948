"""gunicorn as in production, with the readers logged in."""
import http.client
import re
import subprocess
import sys
import time
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from app import db
from app.models import UserSession, utcnow
from app.signing import SessionCookies
from bench import processes
from bench.clients import Browser
from bench.loading import KEY, ROOT, settings
from bench.plan import Reader
from bench.stores import Store
from tests.scratch import free_port

PATIENCE = 60
ADDRESS = 'bench'  # where the sessions of readers were begun
OTHER_SESSIONS = 40  # of the reader whose list of sessions is measured
GENEROUS = dict.fromkeys(
    ('LIMIT_LOGIN', 'LIMIT_REGISTER', 'LIMIT_POST', 'LIMIT_RESET', 'LIMIT_WRITE'),
                         '1000000 per minute')


class Server:
    """A gunicorn that serves `target` (module:name), and what its processes take."""

    def __init__(self, store: Store, target: str = 'microblog:app', workers: int = 2, threads: int = 12):
        self.port = free_port()
        # The product starts as ./boot.sh starts it, everything else in the same manner.
        program = ['deploy.serve'] if target == 'microblog:app' else ['bench.serve', target]
        environment = {**settings(store), **GENEROUS, 'PORT': str(self.port), 'WEB_CONCURRENCY': str(workers),
                       'WEB_THREADS': str(threads)}
        self.log = store.folder / 'server.log'
        with open(self.log, 'w') as output:
            self.process = subprocess.Popen([sys.executable, '-m', *program], cwd=ROOT, env=environment,
                                            stdout=output, stderr=output)
        self._wait(workers)

    def __enter__(self) -> 'Server':
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    @property
    def address(self) -> str:
        return f'http://127.0.0.1:{self.port}'

    def workers(self) -> list[int]:
        """The processes that answer."""
        return processes.children(self.process.pid)

    def cpu(self) -> float:
        """Seconds of CPU that they have taken."""
        return sum(processes.cpu_of(pid) for pid in self.workers())

    def memory(self) -> processes.Memory:
        """What they and their parent hold."""
        return processes.memory([self.process.pid, *self.workers()])

    def get(self, path: str, cookie: str = '') -> tuple[int, str, str]:
        """Open a page once: status, text, and the cookie that came or was there."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE)
        connection.request('GET', path, headers={'Cookie': cookie})
        answer = connection.getresponse()
        text = answer.read().decode()
        cookies = [line.partition(';')[0] for line in answer.headers.get_all('Set-Cookie') or []]
        connection.close()
        return answer.status, text, cookies[-1] if cookies else cookie

    def browser(self, reader: Reader | None) -> Browser:
        """A reader's browser as it is after its first page."""
        if reader is None:
            return Browser()
        status, text, cookie = self.get('/', cookie_of(reader.token))
        token = re.search('name="csrf_token" value="([^"]+)"', text)
        if status != 200 or token is None:
            raise RuntimeError(f'{reader.name} is not logged in ({status})')
        return Browser(cookie, token[1])

    def _wait(self, workers: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._answers(workers):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f'the server does not start:\n{self.log.read_text()[-3000:]}')
            time.sleep(0.1)

    def _answers(self, workers: int) -> bool:
        try:
            return self.get('/static/icon.svg')[0] in (200, 404) and len(self.workers()) == workers
        except OSError:
            return False


def cookie_of(user_id: str) -> str:
    """A session cookie as the application signs it."""
    signer = Flask('bench')
    signer.config['SECRET_KEY'] = KEY
    return f'session={SessionCookies().get_signing_serializer(signer).dumps({"_user_id": user_id, "_fresh": True})}'


def log_in(store: Store) -> None:
    """Give every reader a session that begins now, and one of them many more."""
    table, now = db.metadata.tables['user_session'], utcnow()
    tokens = [(reader.id, reader.token) for reader in store.plan.readers]
    tokens += [(store.plan.readers[-1].id, f'bench-more-{number}') for number in range(OTHER_SESSIONS)]
    rows = [{'token_hash': UserSession.hash_of(token), 'user_id': id, 'address': ADDRESS,
             'created_at': now - timedelta(minutes=number), 'last_used_at': now, 'remember': False, 'user_agent': ''}
            for number, (id, token) in enumerate(tokens)]
    with store.engine().begin() as connection:
        connection.execute(sa.delete(table).where(table.c.address == ADDRESS))
        connection.execute(sa.insert(table), rows)
