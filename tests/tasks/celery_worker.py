"""A worker of Celery's, started as an operator starts it."""
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.base import TestConfig, folder

QUICK = """from celery.__main__ import main
from app.tasks import broker
broker.NEGLECTED_SECONDS = 3
main()"""  # in place of a minute
ROOT = Path(__file__).resolve().parent.parent.parent


class CeleryWorker:
    """`celery -A microblog.celery worker` with one process, on the database of the tests."""

    def __init__(self, broker: str, mail_port: int, start: tuple[str, ...] = ('-c', QUICK)):
        self.output = tempfile.TemporaryFile('w+')  # noqa: SIM115 it is read until the worker ends
        settings = {'CELERY_BROKER_URL': broker, 'SECRET_KEY': TestConfig.SECRET_KEY, 'MAIL_SERVER': '127.0.0.1',
                    'MAIL_PORT': str(mail_port), 'DATABASE_URL': TestConfig.SQLALCHEMY_DATABASE_URI,
                    'LOG_FOLDER': folder, 'SITE_URL': TestConfig.SITE_URL, 'PATH': os.environ['PATH']}
        self.process = subprocess.Popen(
            [sys.executable, *start, '-A', 'microblog.celery', 'worker', '--concurrency', '1',
             '--without-gossip', '--without-mingle', '--loglevel', 'INFO'], cwd=ROOT, env=settings,
            stdout=self.output, stderr=self.output, start_new_session=True)
        try:
            self.wait_for_word(' ready.')
        except AssertionError:
            self.kill()
            raise

    def said(self) -> str:
        """All that it wrote."""
        self.output.seek(0)
        return self.output.read()

    def wait_for_word(self, word: str) -> None:
        """Wait until it says so."""
        deadline = time.monotonic() + 60
        while word not in self.said():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f'the worker does not say "{word}":\n{self.said()}')
            time.sleep(0.05)

    def kill(self) -> None:
        """End its processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(60)
        self.output.close()

    def stop(self) -> int:
        """End it as an operator does; its exit code."""
        if self.output.closed:
            return self.process.returncode
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(60)
        self.output.close()
        return code
