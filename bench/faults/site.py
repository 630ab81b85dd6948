"""A site as its operator runs it, on a given database, with people in it."""
import os
import signal
import subprocess
import time
from pathlib import Path

import config
from app import create_app, db
from bench.faults.browsers import Browser
from bench.faults.databases import Database
from tests.base import TestConfig, make_user
from tests.scratch import Scratch

PEOPLE = ('susan', 'john', 'mary', 'david')
READER = 'reader'  # follows them all
GENEROUS = {'LIMIT_LOGIN': '100000 per minute', 'LIMIT_REGISTER': '100000 per minute',
            'LIMIT_POST': '100000 per minute', 'LIMIT_RESET': '100000 per minute',
            'LIMIT_WRITE': '100000 per minute', 'LIMIT_LOGIN_ALL': '100000 per minute'}


class Site:
    """gunicorn in a scratch copy of the source; `workers` are the processes that answer."""

    def __init__(self, database: Database, workers: int = 2, start: bool = True, **settings: str):
        self.database = database
        self.scratch = Scratch()
        self.scratch.borrow_venv()
        self.settings = {'DATABASE_URL': database.url, 'WEB_CONCURRENCY': str(workers), **GENEROUS, **settings}
        if not start:
            return
        try:
            self.start()
        except AssertionError:
            self.scratch.remove()
            raise
        self.app = create_app(type('BenchConfig', (TestConfig,), {
            'SQLALCHEMY_DATABASE_URI': config.rewrite(database.url)}))
        self.settle()

    def start(self) -> None:
        """Serve, and wait for the first answer."""
        self.server, self.port = self.scratch.serve(**self.settings)
        self.settings['PORT'] = str(self.port)  # which it keeps for the next start

    def settle(self) -> None:
        """Make the people."""
        with self.app.app_context():
            reader = make_user(READER)
            for name in PEOPLE:
                reader.follow(make_user(name))
            db.session.commit()
            db.engine.dispose()

    def browser(self, username: str = '') -> Browser:
        """A browser, in which somebody is logged in."""
        browser = Browser(self.port)
        if username:
            browser.log_in(username)
        return browser

    def workers(self) -> list[int]:
        """The processes that answer."""
        pid = self.server.pid
        return [int(child) for child in Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]

    def kill_all(self) -> None:
        """End every process of the server at once."""
        for pid in (self.server.pid, *self.workers()):
            os.kill(pid, signal.SIGKILL)
        self.scratch.servers.remove(self.server)
        self.server.wait()

    def start_and_kill(self, seconds: float, after: str = '') -> None:
        """Begin to serve, and end every process of it so long after it has said something."""
        path = self.scratch.folder / 'broken off'
        with open(path, 'w') as output:
            server = subprocess.Popen(['./boot.sh'], cwd=self.scratch.root, stdout=output, stderr=output,
                                      env=self.scratch.environment(**self.settings), start_new_session=True)
        end = time.monotonic() + 60
        while after not in path.read_text() and time.monotonic() < end:
            time.sleep(0.002)
        time.sleep(seconds)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()

    def output(self) -> str:
        """What the server wrote, and its log."""
        log = self.scratch.root / 'logs' / 'microblog.log'
        return self.scratch.output() + (log.read_text() if log.exists() else '')

    def remove(self) -> None:
        """End it and leave nothing behind."""
        try:
            self.scratch.remove()
        except subprocess.TimeoutExpired:
            self.server.kill()
