"""Databases that may be stopped, killed, frozen and locked: own servers on own ports, in folders that go afterwards."""
import glob
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

import config
from tests.scratch import free_port

PATIENCE = 60


class SmallDisk:
    """A disk in memory that can be filled to its last byte; only root may mount it."""

    def __init__(self, folder: Path, megabytes: int):
        self.folder = folder
        subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={megabytes}m', 'tmpfs', folder], check=True)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no room."""
        ballast = self.folder / 'ballast'
        with open(ballast, 'wb', buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass
        try:
            yield
        finally:
            ballast.unlink()

    def remove(self) -> None:
        """Give it back."""
        subprocess.run(['umount', '--lazy', self.folder], check=True)


class Database:
    """What all kinds have; `account` is the user of the system that runs the server."""

    name = ''
    account = ''
    is_server = True

    def __init__(self, megabytes: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f'faults-{self.name}-'))
        self.disk = SmallDisk(self.folder, megabytes) if megabytes else None
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.user = self.account if os.geteuid() == 0 and self.account else None
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)

    @property
    def url(self) -> str:
        """The address, as DATABASE_URL has it."""
        raise NotImplementedError

    def engine(self) -> sa.Engine:
        """Connections of our own, beside those of the site."""
        return sa.create_engine(config.rewrite(self.url), poolclass=sa.NullPool)

    def values(self, statement: str) -> list:
        """The first column of what a statement finds."""
        engine = self.engine()
        with engine.connect() as connection:
            return list(connection.scalars(sa.text(statement)))

    def empty(self) -> None:
        """Be as new."""
        engine = self.engine()
        with engine.begin() as connection:
            tables = sa.MetaData()
            tables.reflect(connection)
            tables.drop_all(connection)

    def has_tables(self) -> bool:
        """True when something was made already."""
        return bool(sa.inspect(self.engine()).get_table_names())

    def start(self) -> None:
        """Run the server and wait until it answers."""

    def stop(self) -> None:
        """End the server as an operator does."""

    def kill(self) -> None:
        """End the server at once."""

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let every process of the server stand still: connections are taken, and nothing is answered."""
        pids = self.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def pids(self) -> list[int]:
        """The processes of the server."""
        assert self.process is not None
        pid = self.process.pid
        children = Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
        return [pid, *map(int, children)]

    def remove(self) -> None:
        """Leave nothing behind."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.disk:
            self.disk.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command: str) -> None:
        """Run a program as the server's account, to its end."""
        subprocess.run(command, user=self.user, cwd=self.folder, check=True, capture_output=True)

    def launch(self, *command: str) -> None:
        """Start the server."""
        with open(self.folder / 'output', 'a') as output:
            self.process = subprocess.Popen(command, user=self.user, cwd=self.folder, stdout=output, stderr=output)
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f'{self.name} does not start: {(self.folder / "output").read_text()[-2000:]}')
            time.sleep(0.05)

    def answers(self) -> bool:
        """True when a connection can be made."""
        try:
            return self.values('SELECT 1') == [1]
        except sa.exc.DBAPIError:
            return False

    def end(self, number: int) -> None:
        """Send the server a signal and wait for its end."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(PATIENCE)


class SQLite(Database):
    """A file."""

    name = 'sqlite'
    is_server = False

    @property
    def url(self) -> str:
        return f'sqlite:///{self.folder}/app.db'

    @contextmanager
    def locked(self, how: str) -> Iterator[None]:
        """Let another process's connection hold a lock: `rows` is IMMEDIATE, `table` EXCLUSIVE."""
        other = sqlite3.connect(self.folder / 'app.db', isolation_level=None, timeout=30)
        other.execute({'rows': 'BEGIN IMMEDIATE', 'table': 'BEGIN EXCLUSIVE'}[how])
        try:
            yield
        finally:
            other.execute('ROLLBACK')
            other.close()


class Server(Database):
    """A database server."""

    holds = {'rows': '', 'table': ''}

    @contextmanager
    def locked(self, how: str) -> Iterator[None]:
        """Hold the rows of all people, or the whole table of posts."""
        engine = self.engine()
        with engine.connect() as connection:
            connection.exec_driver_sql(self.holds[how])
            yield
            connection.rollback()


class PostgreSQL(Server):
    """A PostgreSQL server of Debian's."""

    name = 'postgresql'
    account = 'postgres'
    holds = {'rows': 'SELECT id FROM "user" FOR UPDATE', 'table': 'LOCK TABLE post IN ACCESS EXCLUSIVE MODE'}

    def __init__(self, megabytes: int = 0) -> None:
        super().__init__(megabytes)
        self.programs = sorted(glob.glob('/usr/lib/postgresql/*/bin'))[-1]
        self.run(f'{self.programs}/initdb', '--auth=trust', '--username=postgres', '--encoding=UTF8',
                 '--locale=C.UTF-8', f'{self.folder}/data')

    @property
    def url(self) -> str:
        return f'postgresql://postgres@127.0.0.1:{self.port}/postgres'

    def start(self) -> None:
        self.launch(f'{self.programs}/postgres', '-D', f'{self.folder}/data', '-p', str(self.port),
                    '-k', str(self.folder), '-c', 'listen_addresses=127.0.0.1')

    def stop(self) -> None:
        self.end(signal.SIGINT)  # "fast": sessions are ended

    def kill(self) -> None:
        self.end(signal.SIGQUIT)  # "immediate": as after a power cut


class MariaDB(Server):
    """A MariaDB server of Debian's."""

    name = 'mariadb'
    account = 'mysql'
    holds = {'rows': 'SELECT id FROM user FOR UPDATE', 'table': 'LOCK TABLES post WRITE'}

    def __init__(self, megabytes: int = 0) -> None:
        super().__init__(megabytes)
        self.run('mariadb-install-db', '--no-defaults', f'--datadir={self.folder}/data', '--skip-test-db',
                 '--auth-root-authentication-method=normal')

    @property
    def url(self) -> str:
        return f'mysql://root@127.0.0.1:{self.port}/blog'

    def start(self) -> None:
        self.launch('/usr/sbin/mariadbd', '--no-defaults', f'--datadir={self.folder}/data', f'--port={self.port}',
                    f'--socket={self.folder}/socket', '--bind-address=127.0.0.1',
                    f'--pid-file={self.folder}/pid')

    def answers(self) -> bool:
        place = config.rewrite(self.url).removesuffix('/blog') + '/mysql'
        try:
            with sa.create_engine(place, poolclass=sa.NullPool).connect() as connection:
                connection.exec_driver_sql('CREATE DATABASE IF NOT EXISTS blog COLLATE utf8mb4_bin')
        except sa.exc.DBAPIError:
            return False
        return True

    def stop(self) -> None:
        self.end(signal.SIGTERM)

    def kill(self) -> None:
        self.end(signal.SIGKILL)


KINDS = {kind.name: kind for kind in (SQLite, PostgreSQL, MariaDB)}
