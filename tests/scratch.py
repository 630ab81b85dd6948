"""A copy of the repository in which `./boot.sh` can do as it likes."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = ('.git', '.env', 'venv', 'instance', 'logs', 'artifacts', '*.mo', '__pycache__', '.*_cache')
PASSED_ON = ('PATH', 'LANG', 'CI')


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]


class Scratch:
    """The source in a new folder, and an environment with nothing of the outer one."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix='microblog-'))
        self.root = self.folder / 'microblog'
        self.servers: list[subprocess.Popen] = []
        shutil.copytree(ROOT, self.root, ignore=shutil.ignore_patterns(*NOT_COPIED))
        (self.folder / 'home').mkdir()

    def remove(self) -> None:
        """End what was started here and leave nothing behind."""
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            server.wait(timeout=60)
        shutil.rmtree(self.folder)

    def borrow_venv(self) -> None:
        """Use the packages that run this test."""
        (self.root / 'venv').symlink_to(sys.prefix)

    def stub(self, name: str, script: str) -> str:
        """A program of a few lines of shell."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\n{script}\n')
        path.chmod(0o755)
        return str(path)

    def environment(self, **settings: str) -> dict[str, str]:
        outer = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        # Whoever visits it comes from one address and does more than a person would.
        return {**outer, 'HOME': str(self.folder / 'home'), 'RATELIMIT_ENABLED': 'off', **settings}

    def boot(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess:
        """Run boot.sh to its end."""
        return subprocess.run(['./boot.sh', *arguments], cwd=self.root, env=self.environment(**settings),
                              capture_output=True, text=True, timeout=120)

    def serve(self, **settings: str) -> tuple[subprocess.Popen, int]:
        """Start boot.sh and wait for the first answer; its port and the process."""
        port = int(settings.pop('PORT', 0)) or free_port()
        with open(self.folder / 'output', 'w') as output:
            server = subprocess.Popen(['./boot.sh'], cwd=self.root, stdout=output, stderr=output,
                                      env=self.environment(PORT=str(port), **settings))
        self.servers.append(server)
        deadline = time.monotonic() + 60
        while not self._answers(port):
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                raise AssertionError(f'boot.sh does not serve ({server.poll()}):\n{self.output()}')
            time.sleep(0.05)
        return server, port

    def stop(self, server: subprocess.Popen) -> str:
        """End a server as an operator does; what it wrote."""
        self.servers.remove(server)
        server.terminate()
        server.wait(timeout=60)
        return self.output()

    def output(self) -> str:
        """What the server started last has written."""
        return (self.folder / 'output').read_text()

    @staticmethod
    def _answers(port: int) -> bool:
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{port}/', timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False
