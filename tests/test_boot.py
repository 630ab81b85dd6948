"""boot.sh: one sentence for each trouble, nothing done twice, and a site that answers."""
import contextlib
import os
import re
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import unittest

from tests.parts import once_only
from tests.scratch import Scratch, free_port

NO_INDEX = {'PIP_CONFIG_FILE': os.devnull, 'PIP_FIND_LINKS': '', 'PIP_EXTRA_INDEX_URL': ''}


class BootCase(unittest.TestCase):
    """A scratch copy for each test."""

    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.remove)

    def assert_refused(self, result: subprocess.CompletedProcess, sentence: str):
        """The last line says what is wrong, and there is no traceback above it."""
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stderr.strip().splitlines()[-1], sentence)
        self.assertNotIn('Traceback', result.stderr + result.stdout)


@once_only
class PythonTest(BootCase):

    def test_refuses_a_python_that_is_too_old(self):
        old = self.scratch.stub('python3.9', 'exit 1')
        self.assert_refused(self.scratch.boot(PYTHON=old), f'PYTHON is "{old}", but .* 3.11 or newer')

    def test_says_when_there_is_no_python_at_all(self):
        tools = self.scratch.folder / 'bin'
        tools.mkdir()
        for tool in ('bash', 'env', 'dirname'):
            (tools / tool).symlink_to(f'/usr/bin/{tool}')
        self.assert_refused(self.scratch.boot(PATH=str(tools)), 'needs Python 3.11 or newer, and there')

    def test_says_when_the_venv_module_is_missing(self):
        bare = self.scratch.stub(
            'python3', f'case "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"')
        self.assert_refused(self.scratch.boot(PYTHON=bare), 'venv module is missing; .*python3-venv')
        self.assertFalse((self.scratch.root / 'venv').exists())


@once_only
class PortTest(BootCase):

    def test_says_that_the_port_is_taken_before_any_work(self):
        with socket.create_server(('127.0.0.1', 0)) as other:
            port = other.getsockname()[1]
            result = self.scratch.boot(PORT=str(port))
        self.assert_refused(result, f'^boot.sh: Port {port} is taken by another program')
        self.assertFalse((self.scratch.root / 'venv').exists())

    def test_finds_the_port_in_the_env_file(self):
        self.scratch.borrow_venv()
        with socket.create_server(('127.0.0.1', 0)) as other:
            port = other.getsockname()[1]
            (self.scratch.root / '.env').write_text(f'PORT={port}\n')
            self.assert_refused(self.scratch.boot(), f'^boot.sh: Port {port} is taken by another program')

    def test_refuses_what_is_no_port(self):
        for port in ('abc', '0', '65536', '-1', '9' * 300, '٥٠٠٠', '5000 '):
            with self.subTest(port=port):
                self.assert_refused(self.scratch.boot(PORT=port), '^boot.sh: PORT is ".*", but must be')

    def test_refuses_a_host_that_is_not_here(self):
        result = self.scratch.boot(HOST='203.0.113.1', PORT=str(free_port()))
        self.assert_refused(result, '^boot.sh: HOST is "203.0.113.1", but this machine has no such address')


@once_only
class DatabaseTest(BootCase):
    def test_is_made_by_an_upgrade_that_finds_a_key_and_no_folder(self):
        self.scratch.borrow_venv()
        settings = self.scratch.environment(SECRET_KEY='a key of a test that has more than 32 bytes')
        done = subprocess.run([sys.executable, '-m', 'flask', 'db', 'upgrade'], cwd=self.scratch.root, env=settings,
                              capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)
        for made in ('instance/app.db', 'logs/microblog.log'):
            self.assertEqual(0o600, stat.S_IMODE((self.scratch.root / made).stat().st_mode), made)

    def test_says_that_the_database_does_not_answer_and_keeps_its_password(self):
        self.scratch.borrow_venv()
        for kind in ('postgresql', 'mysql'):
            with self.subTest(kind=kind):
                address = f'{kind}://me:confidential@127.0.0.1:{free_port()}/blog'
                result = self.scratch.boot(DATABASE_URL=address, PORT=str(free_port()))
                self.assert_refused(result, r'^boot.sh: The database \S+:\*\*\*@\S+ does not answer')
                self.assertNotIn('confidential', result.stdout + result.stderr)

    def test_says_that_the_database_file_cannot_be_opened(self):
        self.scratch.borrow_venv()
        result = self.scratch.boot(DATABASE_URL='sqlite:////proc/blog.db', PORT=str(free_port()))
        self.assert_refused(result, '^boot.sh: The database sqlite:////proc/blog.db does not answer')

    def test_says_what_in_the_database_is_in_the_way(self):
        self.scratch.borrow_venv()
        path = self.scratch.folder / 'blog.db'
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute('CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)')
            connection.execute("INSERT INTO alembic_version VALUES ('c5a7e2d41f86')")
            connection.execute('CREATE TABLE user (username TEXT, username_key TEXT, email TEXT)')
            connection.execute("INSERT INTO user VALUES ('a-b', 'a-b', 'a@example.com')")
        result = self.scratch.boot(DATABASE_URL=f'sqlite:///{path}', PORT=str(free_port()))
        self.assert_refused(result, r'^boot.sh: The database \S+ could not be brought up to date \(.*ck_user_username')

    def test_says_that_the_database_may_be_of_another_application(self):
        self.scratch.borrow_venv()
        path = self.scratch.folder / 'blog.db'
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute('CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)')
            connection.execute("INSERT INTO alembic_version VALUES ('tomorrow')")
        result = self.scratch.boot(DATABASE_URL=f'sqlite:///{path}', PORT=str(free_port()))
        self.assert_refused(result, '^boot.sh: The database could not be brought up .* of another application')


@once_only
class DiskTest(BootCase):

    def test_says_that_the_folder_is_not_writable(self):
        """Permissions do not hold for root, but nobody can write below /proc."""
        result = subprocess.run(
            [sys.executable, self.scratch.root / 'deploy/checks.py'], cwd='/proc', capture_output=True,
            text=True, env=self.scratch.environment(PORT=str(free_port())))
        self.assert_refused(result, r'^boot.sh: Nothing can be written in /proc \(.+\)')

    def test_says_that_the_instance_folder_is_not_writable(self):
        self.scratch.borrow_venv()
        (self.scratch.root / 'instance').write_text('in the way')
        self.assert_refused(self.scratch.boot(PORT=str(free_port())), 'key cannot be written to .*/instance')


@once_only
class InstallTest(BootCase):
    """With empty lists of packages, which need no index."""

    def setUp(self):
        super().setUp()
        for name in ('requirements.txt', 'tests/requirements.txt'):
            (self.scratch.root / name).write_text('# nothing\n')

    def test_installs_once_and_again_when_the_list_changes(self):
        first = self.scratch.boot('install')
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn('Making venv/ ...\nInstalling the packages of requirements.txt ...', first.stderr)
        self.assertEqual(self.scratch.boot('install').stderr, '')
        (self.scratch.root / 'requirements.txt').write_text('# still nothing\n')
        self.assertRegex(self.scratch.boot('install').stderr, r'\AInstalling .* of requirements.txt ...\n\Z')

    def test_makes_a_broken_off_venv_anew(self):
        for remains in ('.busy', 'bin/python', 'pyvenv.cfg'):
            with self.subTest(remains=remains):
                path = self.scratch.root / 'venv' / remains
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                path.write_text('half of it')
                (self.scratch.root / 'venv/.installed').unlink(missing_ok=True)
                self.assertEqual(self.scratch.boot('install').returncode, 0)
                pip = [self.scratch.root / 'venv/bin/python', '-m', 'pip', '--version']
                self.assertEqual(subprocess.run(pip, stdout=subprocess.DEVNULL).returncode, 0)

    def test_says_that_the_package_index_does_not_answer(self):
        (self.scratch.root / 'requirements.txt').write_text(f'flask==3.1.3 --hash=sha256:{"0" * 64}\n')
        index = f'http://127.0.0.1:{free_port()}/simple'
        result = self.scratch.boot('install', PIP_INDEX_URL=index, **NO_INDEX)
        self.assert_refused(result, '^boot.sh: The package index does not answer; .* venv/install.log.$')
        self.assertIn('flask', (self.scratch.root / 'venv/install.log').read_text())


@once_only
class ServeTest(BootCase):

    def test_second_start_installs_nothing_and_keeps_the_key(self):
        self.scratch.borrow_venv()
        key = self.scratch.root / 'instance/secret_key'
        server, _ = self.scratch.serve()
        self.scratch.stop(server)
        first = key.read_text()
        self.assertRegex(first, re.compile(r'\A[0-9a-f]{64}\n?\Z'))
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE((key.parent / 'app.db').stat().st_mode), 0o600)
        begin = time.monotonic()
        server, _ = self.scratch.serve()
        print(f'second start: {time.monotonic() - begin:.2f} s to the first page')
        output = self.scratch.stop(server)
        self.assertNotRegex(output, 'Installing|Making|Compiling|Traceback')
        self.assertEqual(key.read_text(), first)

    def test_makes_a_key_for_a_site_in_production_too(self):
        self.scratch.borrow_venv()
        self.scratch.serve(SITE_URL='https://blog.example.org', TRUSTED_HOSTS='127.0.0.1')
        self.assertTrue((self.scratch.root / 'instance/secret_key').exists())

    def test_makes_no_key_when_the_settings_bring_one(self):
        self.scratch.borrow_venv()
        (self.scratch.root / '.env').write_text(f'SECRET_KEY={"0123456789abcdef" * 4}\n')
        self.scratch.serve()
        self.assertFalse((self.scratch.root / 'instance/secret_key').exists())

    def test_leaves_nothing_in_the_home_folder(self):
        self.scratch.borrow_venv()
        self.scratch.serve()
        self.assertEqual(list((self.scratch.folder / 'home').iterdir()), [])


@once_only
class TestCommandTest(BootCase):

    def setUp(self):
        super().setUp()
        self.scratch.borrow_venv()
        for path in (self.scratch.root / 'tests').rglob('test*.py'):
            path.unlink()
        self.write('test_one.py', 'self.assertTrue(True)')

    def write(self, name: str, line: str):
        """A file with one test."""
        path = self.scratch.root / 'tests' / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('import unittest\n\n\nclass OneTest(unittest.TestCase):\n'
                        f'    def test_it(self):\n        {line}\n')

    def test_runs_all_tests_and_passes_arguments_on(self):
        self.assertEqual(self.scratch.boot('test').returncode, 0)
        result = self.scratch.boot('test', '-v', 'tests.test_one')
        self.assertRegex(result.stderr, r'test_it .* ok')

    def test_fails_with_a_failing_test(self):
        self.write('test_two.py', 'self.fail()')
        self.assertNotEqual(self.scratch.boot('test').returncode, 0)

    def test_fails_when_a_folder_of_tests_is_not_found(self):
        self.write('lost/test_two.py', 'self.fail()')
        self.assert_refused(self.scratch.boot('test'), 'Only 1 tests ran, but there are 2 files of tests')


@once_only
class UsageTest(BootCase):

    def test_helps_and_refuses_an_unknown_command(self):
        self.assertIn('Usage: ./boot.sh', self.scratch.boot('--help').stdout)
        result = self.scratch.boot('banana')
        self.assertEqual((result.returncode, result.stdout), (2, ''))
        self.assertIn('Usage: ./boot.sh', result.stderr)
