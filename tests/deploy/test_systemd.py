"""The units of systemd: it accepts them, and the site takes the port that it was given open."""
import contextlib
import os
import shutil
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from tests.parts import needs, once_only
from tests.scratch import ROOT, Scratch, free_port

ANALYZE, ACTIVATE = shutil.which('systemd-analyze'), shutil.which('systemd-socket-activate')
UNITS = ('microblog.socket', 'microblog.service', 'microblog-tasks.service')

needs_systemd = needs('systemd', ANALYZE and ACTIVATE, 'install the Debian package systemd to try its units.')


@needs_systemd
@once_only
class SystemdTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.remove)
        self.scratch.borrow_venv()
        for name in UNITS:
            text = (ROOT / 'deploy/systemd' / name).read_text().replace('/srv/microblog', str(self.scratch.root))
            (self.scratch.folder / name).write_text(text.replace('User=microblog', 'User=root'))

    def line(self, key: str) -> str:
        text = (self.scratch.folder / 'microblog.service').read_text()
        return next(line.partition('=')[2] for line in text.splitlines() if line.startswith(f'{key}='))

    def analyze(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([ANALYZE, *arguments, *(self.scratch.folder / name for name in UNITS)],
                              capture_output=True, text=True, timeout=240)

    def test_systemd_finds_no_fault(self):
        said = self.analyze('verify')
        mine = [line for line in said.stderr.splitlines() if 'microblog' in line]
        self.assertEqual((0, []), (said.returncode, mine), said.stderr)

    def test_takes_the_open_port_and_answers_who_waited(self):
        port = free_port()
        (self.scratch.root / 'instance').mkdir()
        settings = self.scratch.environment(PORT=str(port), SECRET_KEY='a key of a test that has more than 32 bytes')
        subprocess.run(self.line('ExecStartPre').split(), cwd=self.scratch.root, env=settings, check=True,
                       capture_output=True)
        passed = [f'--setenv={name}={value}' for name, value in settings.items()]
        with open(os.devnull, 'w') as nowhere:
            process = subprocess.Popen([ACTIVATE, '-l', f'127.0.0.1:{port}', *passed, *self.line('ExecStart').split()],
                                       cwd=self.scratch.root, stderr=nowhere)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.terminate)
        self.assertEqual(200, self.status(port))  # the first request starts the site and waits for it

    def status(self, port: int) -> int:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError), \
                    urllib.request.urlopen(f'http://localhost:{port}/explore', timeout=60) as answer:
                return answer.status
            time.sleep(0.05)
        raise AssertionError('nobody listens')
