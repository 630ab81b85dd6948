"""A Redis of a test's own."""
import shutil
import socket
import subprocess
import tempfile
import time

from tests.parts import needs
from tests.scratch import free_port

PROGRAM = shutil.which('redis-server')
needs_redis = needs('Redis', PROGRAM, 'install the Debian package redis-server to count limits in Redis.')


class RedisServer:
    """Listens on a free port and keeps everything in memory."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='microblog-redis-')
        self.port = free_port()
        self.start()

    def start(self) -> None:
        """Listen; after it was killed, with nothing of what it held."""
        self.process = subprocess.Popen(
            [PROGRAM, '--port', str(self.port), '--bind', '127.0.0.1', '--save', '', '--dir', self.folder],
            stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.port)).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        """End it and leave nothing behind."""
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)
