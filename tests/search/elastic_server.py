"""A real Elasticsearch for tests: the one that all share, and servers of a test's own that it may stop and kill."""
import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.parts import needs
from tests.scratch import ROOT, free_port

HOME = Path(os.environ.get('ELASTICSEARCH_TEST_HOME') or ROOT.parent / 'shared' / 'elasticsearch')
CAN_START = (HOME / 'start').exists() and shutil.which('java')
SENTENCE = 'install Java and set ELASTICSEARCH_TEST_HOME to the folder of a server with the scripts start and stop.'
needs_elasticsearch = needs('Elasticsearch', CAN_START or os.environ.get('TEST_ELASTICSEARCH_URL'), SENTENCE)
needs_own_elasticsearch = needs('Elasticsearch', CAN_START, SENTENCE)


class ElasticServer:
    """A server on a port of its own; its index survives its end."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix='microblog-elastic-')
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.start()

    def start(self) -> None:
        """Start it and wait for its first answer."""
        subprocess.run([HOME / 'start', self.folder, str(self.port)], check=True, capture_output=True, timeout=90)

    def stop(self) -> None:
        """End it as an operator does."""
        self._end('TERM')

    def kill(self) -> None:
        """End it at once."""
        self._end('KILL')

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it stand still: connections are taken, and nothing is answered."""
        os.kill(self._pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._pid, signal.SIGCONT)

    def remove(self) -> None:
        """Leave nothing behind."""
        if Path(self.folder, 'pid').exists():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _pid(self) -> int:
        return int(Path(self.folder, 'pid').read_text())

    def _end(self, name: str) -> None:
        subprocess.run([HOME / 'stop', self.folder, name], check=True, capture_output=True, timeout=60)


@cache
def shared_url() -> str:
    """The server that all tests share; where none is named, one for this process."""
    url = os.environ.get('TEST_ELASTICSEARCH_URL')
    if url:
        return url
    server = ElasticServer()
    atexit.register(server.remove)
    return server.url


def own_index() -> str:
    """A beginning of names of indexes that nobody else has."""
    return f'test-{uuid.uuid4().hex[:12]}'
