"""`flask user`: every command, its help, its sentences and its exit codes."""
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import DeletedPost, Task, User, UserSession, utcnow
from tests.accounts import AccountCase, LetterCase
from tests.base import PASSWORD, folder
from tests.parts import once_only
from tests.world import breaking_off_once

COMMANDS = ('create', 'password', 'list', 'promote', 'suspend', 'delete', 'sessions')
NEW = 'eight brown bottles'


class CommandCase(AccountCase):
    def run_it(self, *arguments, typed=None):
        """Run `flask user ...`; the result has an exit code and what was said."""
        return self.app.test_cli_runner().invoke(args=['user', *arguments], input=typed)

    def works(self, *arguments, typed=None) -> str:
        result = self.run_it(*arguments, typed=typed)
        self.assertEqual(0, result.exit_code, result.output)
        return result.output

    def assert_fails(self, code, words, *arguments, typed=None):
        result = self.run_it(*arguments, typed=typed)
        self.assertEqual(code, result.exit_code, result.output)
        self.assertIn(words, result.output)
        self.assertNotIn('Traceback', result.output)

    def stored(self, column, username='susan'):
        return self.value(sa.select(column).where(User.username == username))


class Help(CommandCase):
    def test_every_command_explains_itself(self):
        listed = self.works('--help')
        for command in COMMANDS:
            self.assertIn(f'  {command} ', listed)
            said = self.works(command, '--help')
            self.assertIn('Usage: ', said)
            self.assertRegex(said, r'\n  [A-Z][^\n]+\.', command)

    def test_what_is_missing_or_unknown_is_a_fault_of_usage(self):
        for command in COMMANDS:
            if command != 'list':
                self.assert_fails(2, 'Missing argument', command)
            self.assert_fails(2, 'No such option', command, '--nonsense')
        self.assert_fails(2, 'No such command', 'nonsense')
        self.assert_fails(2, 'is not in the range', 'list', '--limit', '0')

    def test_somebody_who_is_not_there_is_named(self):
        for command in COMMANDS:
            if command not in ('create', 'list'):
                self.assert_fails(1, 'there is no account "nobody"', command, 'nobody', *self.password(command))
                self.assert_fails(1, 'there is no account "a[2Jb"', command, 'a\x1b[2J\u202eb', *self.password(command))

    @staticmethod
    def password(command):
        return ('--password', NEW) if command == 'password' else ()


class Create(CommandCase):
    def test_makes_an_account_that_can_log_in(self):
        self.assertIn('susan is there.', self.works('create', 'susan', 'susan@example.com', '--password', PASSWORD))
        self.assertEqual((None, False), (self.stored(User.confirm_by), self.stored(User.is_admin)))
        self.assertTrue(self.is_in(self.log_in('susan')))

    def test_asks_twice_for_the_password_and_does_not_show_it(self):
        output = self.works('create', 'susan', 'susan@example.com', typed=f'{PASSWORD}\n{PASSWORD}\n')
        self.assertNotIn(PASSWORD, output)
        self.assert_fails(1, 'do not match', 'create', 'john', 'john@example.com', typed=f'{PASSWORD}\nother\n')

    def test_makes_an_admin(self):
        self.works('create', 'susan', 'susan@example.com', '--password', PASSWORD, '--admin')
        self.assertTrue(self.stored(User.is_admin))

    def test_holds_the_rules_of_the_forms(self):
        self.person('john')
        for name, address, password, words in (
                ('no name', 'a@example.com', PASSWORD, 'username: A username has only letters'),
                ('admin', 'a@example.com', PASSWORD, 'username: This username is taken.'),
                ('JOHN', 'a@example.com', PASSWORD, 'username: This username is taken.'),
                ('susan', 'nonsense', PASSWORD, 'email: Enter an e-mail address'),
                ('susan', 'JOHN@example.com', PASSWORD, 'email: This e-mail address has an account already.'),
                ('susan', 'a@example.com', 'short', 'password: A password has at least 8'),
                ('susan', 'a@example.com', 'password1', 'password: Many people use'),
                ('su\udcffsan', 'a@example.com', PASSWORD, 'username: A username has only letters')):
            self.assert_fails(1, words, 'create', name, address, '--password', password)
        self.assertEqual(1, self.rows(User))


class Password(CommandCase):
    def test_sets_it_and_logs_out_everywhere(self):
        susan = self.log_in('susan')
        with self.app.app_context():
            token = self.find('susan').get_reset_password_token()
        self.assertIn('susan has a new password.', self.works('password', 'SUSAN', '--password', NEW))
        self.assertFalse(self.is_in(susan))
        self.assertEqual(403, self.visitor.get(f'/auth/reset_password/{token}').status_code)
        susan.submit('/auth/login', username='susan', password=NEW)
        self.assertTrue(self.is_in(susan))
        self.assertEqual(0, self.rows(Task))

    def test_refuses_a_bad_one_and_changes_nothing(self):
        susan = self.log_in('susan')
        self.assert_fails(1, 'password: A password has at least 8', 'password', 'susan', '--password', 'short')
        self.assertTrue(self.is_in(susan))

    def test_asks_when_it_is_left_out(self):
        self.person('susan')
        self.assertNotIn(NEW, self.works('password', 'susan', typed=f'{NEW}\n{NEW}\n'))
        self.assert_fails(1, 'Aborted', 'password', 'susan', typed='')


class BrokenOff(CommandCase):
    def test_a_command_that_the_database_broke_off_runs_once_more(self):
        self.person('susan')
        for arguments in (('suspend', 'susan'), ('delete', 'susan', '--yes')):
            with breaking_off_once():
                self.works(*arguments)
        self.assertEqual(0, self.rows(User))


class PasswordLetter(CommandCase, LetterCase):
    def test_tells_the_owner(self):
        self.person('susan')
        self.works('password', 'susan', '--password', NEW)
        self.assertEqual([('susan@example.com', 'Your password on Microblog was changed')], self.arrived())


class List(CommandCase):
    def test_shows_who_is_there_and_what_is_special(self):
        self.person('susan', is_admin=True)
        self.person('john', suspended_at=utcnow(), confirm_by=utcnow())
        self.person('mary')
        lines = [line.split('\t') for line in self.works('list').splitlines()]
        today = f'{utcnow():%Y-%m-%d}'
        self.assertEqual([['mary', 'mary@example.com', today, ''],
                          ['john', 'john@example.com', today, 'suspended, unconfirmed'],
                          ['susan', 'susan@example.com', today, 'admin']], lines)

    def test_stops_where_it_is_told_to(self):
        for name in ('susan', 'john', 'mary'):
            self.person(name)
        self.assertEqual(2, len(self.works('list', '--limit', '2').splitlines()))
        self.assertEqual('', self.works('list', '--limit', '0' * 8 + '1').partition('\n')[2])

    def test_of_nobody_is_empty(self):
        self.assertEqual('', self.works('list'))


class Promote(CommandCase):
    def test_gives_and_takes_the_right_and_twice_is_once(self):
        self.person('susan')
        for arguments, is_admin in (((), True), ((), True), (('--demote',), False), (('--demote',), False)):
            output = self.works('promote', 'susan', *arguments)
            self.assertIn('now an admin' if is_admin else 'no longer an admin', output)
            self.assertEqual(is_admin, self.stored(User.is_admin))


class Suspend(CommandCase):
    def test_keeps_out_and_lets_in_again(self):
        susan = self.log_in('susan')
        for _time in range(2):
            self.assertIn('susan is suspended.', self.works('suspend', 'susan'))
        self.assertFalse(self.is_in(susan))
        self.assertFalse(self.is_in(self.log_in('susan')))
        self.assertIn('no longer suspended', self.works('suspend', 'susan', '--lift'))
        self.assertTrue(self.is_in(self.log_in('susan')))


class Delete(CommandCase):
    def setUp(self):
        super().setUp()
        self.wrote('susan', 'one', 'two')

    def test_asks_with_the_number_of_posts(self):
        self.assert_fails(1, 'Delete susan and their 2 posts for good?', 'delete', 'SUSAN', typed='n\n')
        self.assert_fails(1, 'Aborted', 'delete', 'susan', typed='')
        self.assertEqual(1, self.rows(User))
        self.assertIn('susan is deleted.', self.works('delete', 'susan', typed='y\n'))
        self.assertEqual((0, 2), (self.rows(User), self.rows(DeletedPost)))

    def test_does_not_ask_when_told_so_and_the_second_time_nobody_is_there(self):
        self.works('delete', 'susan', '--yes')
        self.assert_fails(1, 'there is no account "susan"', 'delete', 'susan', '--yes')


class Sessions(CommandCase):
    def test_lists_and_ends_them(self):
        susan, john = self.log_in('susan'), self.log_in('john')
        self.log_in('susan')
        line = self.works('sessions', 'susan').splitlines()[0].split('\t')
        self.assertEqual((4, '127.0.0.1'), (len(line), line[2]))
        self.assertTrue(self.is_in(susan))
        self.assertIn('2 sessions ended.', self.works('sessions', 'susan', '--end'))
        self.assertEqual((False, True, 1), (self.is_in(susan), self.is_in(john), self.rows(UserSession)))

    def test_shows_no_control_characters_that_a_browser_sent(self):
        self.log_in('susan')
        self.age(user_agent='evil\x1b[31m\tx\r\ny\x9b')
        line, = self.works('sessions', 'susan').splitlines()
        self.assertNotRegex(line.replace('\t', ''), '[\x00-\x1f\x7f-\x9f]')
        self.assertEqual(4, len(line.split('\t')))


class Database(CommandCase):
    def test_one_that_does_not_answer_is_a_sentence(self):
        with self.app.app_context():
            db.drop_all()
        try:
            for command in (('list',), ('promote', 'susan'), ('create', 'a', 'a@example.com', '--password', NEW)):
                self.assert_fails(1, 'the database says: ', *command)
        finally:
            with self.app.app_context():
                db.create_all()


    def test_a_commit_that_fails_is_no_success(self):
        self.person('susan')
        fault = sa.exc.OperationalError('COMMIT', None, Exception('disk full'))
        with mock.patch.object(db.session, 'commit', side_effect=fault):
            result = self.run_it('promote', 'susan')
        self.assertEqual(1, result.exit_code)
        self.assertIn('the database says: disk full', result.output)
        self.assertNotIn('now an admin', result.output)


@once_only
class Process(CommandCase):
    """The command as people type it."""

    def flask(self, *arguments, **settings):
        root = Path(__file__).resolve().parent.parent.parent
        environment = {'PATH': os.environ['PATH'], 'HOME': folder, 'DATABASE_URL': f'sqlite:///{folder}/cli.db',
                       'SECRET_KEY': 'only for tests: a key of more than 32 bytes', 'LOG_FOLDER': folder, **settings}
        command = [Path(sys.executable).with_name('flask'), *arguments]
        return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=60)

    def test_works_on_a_new_database_and_tells_the_shell_how_it_went(self):
        early = self.flask('user', 'list')
        self.assertEqual((1, ''), (early.returncode, early.stdout))
        self.assertIn('flask db upgrade', early.stderr)
        self.assertNotIn('Traceback', early.stderr)
        self.assertEqual(0, self.flask('db', 'upgrade').returncode)
        made = self.flask('user', 'create', 'susan', 'susan@example.com', '--password', PASSWORD)
        self.assertEqual((0, 'susan is there.\n', ''), (made.returncode, made.stdout, made.stderr))
        again = self.flask('user', 'create', 'susan', 'susan@example.com', '--password', PASSWORD)
        self.assertEqual((1, '', 'Error: username: This username is taken.\n'),
                         (again.returncode, again.stdout, again.stderr))

    def test_a_malformed_setting_is_one_sentence(self):
        done = self.flask('user', 'list', PORT='x')
        self.assertEqual(1, done.returncode)
        self.assertIn('Microblog cannot start: PORT is "x"', done.stderr)
        self.assertNotIn('Traceback', done.stderr)
