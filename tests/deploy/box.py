"""The Dockerfile without Docker: its steps, one after the other, below a root of their own.

The base is this machine's own system with a new Python environment at /usr/local, where the official image has its
Python; pip brings everything from the index. What the steps write is kept in memory and goes with the first process.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

from tests.parts import needs
from tests.scratch import Scratch

BASE = """set -e
mount -t tmpfs tmpfs {box}
mkdir {box}/upper {box}/work {box}/root {box}/volume
mount -t overlay overlay -o lowerdir=/,upperdir={box}/upper,workdir={box}/work {box}/root
cd {box}/root
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs tmp
rm -rf srv usr/local
for list in passwd group; do # a machine has accounts of its own, perhaps the one that the Dockerfile makes
    awk -F: '$3 < 100 || $3 == 65534' /etc/$list >etc/$list
done
: >etc/shadow >etc/gshadow
chroot . python3 -m venv /usr/local
echo ready
exec sleep infinity
"""
SEALED = """set -e
cd {box}/root
umount tmp
cp -a .{volume}/. {box}/volume/
chown --reference=.{volume} {box}/volume
chmod --reference=.{volume} {box}/volume
mount -o remount,ro {box}/root
mount --bind {box}/volume .{volume}
for folder in {in_memory}; do mount -t tmpfs tmpfs .$folder; done
"""
OF_THE_SYSTEM = '/usr/sbin:/usr/bin:/sbin:/bin'
AS_ACCOUNT = ['setpriv', '--clear-groups']
OF_THE_INDEX = re.compile('PIP_|.*_proxy$', re.IGNORECASE)  # what reaches it from here: no part of the image

needs_root = needs('the right to mount', os.geteuid() == 0 and shutil.which('unshare') and shutil.which('setpriv'),
                   'the steps of the Dockerfile are taken by root only.')


class Box:
    """What `docker build` makes of a copy of the repository, and `docker compose` runs."""

    def __init__(self, scratch: Scratch):
        self.context, self.folder = scratch.root, scratch.folder / 'box'
        self.folder.mkdir()
        self.settings = {'PATH': f'/usr/local/bin:/usr/local/sbin:{OF_THE_SYSTEM}', 'HOME': '/root'}
        self.place, self.user = '/', ''
        self.without: list[str] = []  # rights, in the words of setpriv
        self.health: list[str] = []
        self.command: list[str] = []
        script = BASE.format(box=self.folder)
        self.first = subprocess.Popen(
            ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script],
            stdout=subprocess.PIPE, text=True, env={'PATH': OF_THE_SYSTEM})
        assert self.first.stdout is not None
        assert self.first.stdout.readline() == 'ready\n', 'there is no base to build on'

    def remove(self) -> None:
        """End every process in it; what they wrote goes with them."""
        self.first.kill()
        self.first.wait()

    def build(self) -> None:
        """Take every step of the Dockerfile; AssertionError with what was said where one fails."""
        text = (self.context / 'deploy/Dockerfile').read_text()
        text = re.sub(r'^#.*\n', '', text, flags=re.MULTILINE).replace('\\\n', ' ')
        for word, rest in re.findall(r'^([A-Z]+) +(.+)', text, re.MULTILINE):
            getattr(self, f'_{word.lower()}')(rest)

    def seal(self, volume: str, in_memory: list[str]) -> None:
        """Make the file system read-only, but for a volume and some folders in memory."""
        self._outside(SEALED.format(box=self.folder, volume=volume, in_memory=' '.join(in_memory)))

    def start(self, command: list[str], **settings: str) -> subprocess.Popen:
        """Run a program in the box as its account, without the rights that were taken away."""
        account = [f'--reuid={self.user}', f'--regid={self.user}'] if self.user else []
        rights = [*AS_ACCOUNT, *self.without, *account] if self.user else []
        return subprocess.Popen([*self._enter(), 'chroot', self.folder / 'root', 'env', f'--chdir={self.place}',
                                 *rights, *command], env={**self.settings, **settings}, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command: list[str], **settings: str) -> tuple[int, str]:
        """The same to its end: exit code, and what it said."""
        process = self.start(command, **settings)
        said = process.communicate(timeout=300)[0]
        return process.returncode, said

    def _enter(self) -> list[str]:
        return ['nsenter', f'--target={child(self.first)}', '--mount', '--pid']

    def _outside(self, script: str) -> None:
        subprocess.run([*self._enter(), 'sh', '-c', script], check=True, timeout=300)

    def _from(self, image: str) -> None:
        assert re.fullmatch(r'python:3\.\d+-slim', image), image

    def _env(self, rest: str) -> None:
        self.settings.update(pair.split('=', 1) for pair in shlex.split(rest))

    def _workdir(self, place: str) -> None:
        self.place = place
        self._outside(f'mkdir -p {self.folder}/root{place}')

    def _copy(self, rest: str) -> None:
        source, target = rest.split()
        staged = self.folder.with_name('staged')
        shutil.rmtree(staged, ignore_errors=True)
        shutil.copytree(self.context, staged, ignore=self._left_out)
        self._outside(f'cp -r {staged}/{source} {self.folder}/root{self.place}/{target}')

    def _left_out(self, folder: str, names: list[str]) -> set[str]:
        """What .dockerignore keeps out of the image."""
        patterns = (self.context / '.dockerignore').read_text().split()
        below = Path(folder) != self.context
        return {name for name in names for pattern in patterns
                if fnmatch(name, pattern.removeprefix('**/')) and (pattern.startswith('**/') or not below)}

    def _run(self, script: str) -> None:
        ways = {name: value for name, value in os.environ.items() if OF_THE_INDEX.match(name)}
        code, said = self.run(['sh', '-c', script], **ways)
        assert code == 0, f'{script}\n{said}'

    def _user(self, name: str) -> None:
        self.user = name

    def _volume(self, place: str) -> None:
        self.volume = place

    def _expose(self, port: str) -> None:
        assert port == self.settings['PORT']

    def _healthcheck(self, rest: str) -> None:
        self.health = json.loads(rest.partition('CMD ')[2])

    def _cmd(self, rest: str) -> None:
        self.command = json.loads(rest)


def child(process: subprocess.Popen) -> int:
    """The process that another one waits for."""
    with open(f'/proc/{process.pid}/task/{process.pid}/children') as children:
        return int(children.read().split()[0])
