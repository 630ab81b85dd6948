"""The log: where it goes, what a line has, that nobody can forge one, mails for errors, and no secrets in it."""
import io
import json
import logging
import re
import shutil
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import sqlalchemy as sa
from flask.logging import default_handler

from app import create_app, db
from app.email import send_email
from app.models import UserSession
from tests.accounts import AccountCase
from tests.base import PASSWORD, TestConfig
from tests.mailbox import Mailbox

LINE = re.compile(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ (-|[0-9A-F]{4}(-[0-9A-F]{4}){2}) .* \[in .+:\d+\]')


class LogCase(AccountCase):
    """A site that is not testing, with a log of its own."""

    settings: dict = {}

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix='microblog-log-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.start()
        super().setUp()

    def start(self, **settings):
        """Make the application anew; logging is the process's, so what it changes is put back."""
        logger = logging.getLogger('app')
        self.addCleanup(setattr, logger, 'handlers', logger.handlers)
        self.addCleanup(default_handler.setFormatter, default_handler.formatter)
        logger.handlers = []
        values = {'TESTING': False, 'LOG_FOLDER': str(self.folder), **self.settings, **settings}
        self.app = create_app(type('LogConfig', (TestConfig,), values))
        self.addCleanup(lambda handlers: [handler.close() for handler in handlers], logger.handlers)
        for number, cause in enumerate((ValueError, KeyError)):
            self.app.add_url_rule(f'/fail/{number}', f'fail{number}', self.failing(cause))

    @staticmethod
    def failing(cause):
        def view():
            raise cause('a\nb')
        return view

    def break_down(self, number: int = 0):
        with redirect_stderr(io.StringIO()):
            return self.visitor.get(f'/fail/{number}')

    def log(self) -> str:
        return (self.folder / 'microblog.log').read_text()


class File(LogCase):
    def test_a_fault_is_one_record_with_the_number_of_the_page(self):
        answer = self.break_down()
        first = self.log().splitlines()[0]
        self.assertRegex(first, LINE)
        self.assertIn(f' ERROR {answer.headers["X-Request-ID"]} Exception on GET /fail/0 ', first)
        self.assertIn('ValueError', self.log())
        self.assertEqual(1, len(re.findall(r'(?m)^\d{4}-', self.log())))

    def test_outside_of_a_request_a_record_has_no_number(self):
        with redirect_stderr(io.StringIO()):
            self.app.logger.info('started')
        self.assertIn(' INFO - started ', self.log())

    def test_turns_over_at_a_megabyte_and_keeps_ten(self):
        handler, = [handler for handler in self.app.logger.handlers if handler is not default_handler]
        for _number in range(13 * 21):
            handler.emit(logging.makeLogRecord({'msg': 'x' * 50_000, 'levelno': logging.INFO}))
        sizes = {path.name: path.stat().st_size for path in self.folder.iterdir()}
        self.assertEqual({'microblog.log', *(f'microblog.log.{number}' for number in range(1, 11))}, set(sizes))
        self.assertLessEqual(max(sizes.values()), 1_000_000)

    def test_is_made_with_its_folder(self):
        self.start(LOG_FOLDER=str(self.folder / 'new' / 'deep'))
        self.assertTrue((self.folder / 'new' / 'deep' / 'microblog.log').exists())

    def test_one_that_cannot_be_written_stops_nothing(self):
        (self.folder / 'file').write_text('')
        said = io.StringIO()
        with redirect_stderr(said):
            self.start(LOG_FOLDER=str(self.folder / 'file' / 'logs'))
            self.visitor = self.new_visitor()
            answer = self.visitor.get('/fail/0')
            self.assertEqual(200, self.visitor.get('/about').status_code)
        self.assertEqual(500, answer.status_code)
        self.assertEqual(1, said.getvalue().count('cannot be written'))
        self.assertEqual(1, said.getvalue().count(answer.headers['X-Request-ID']))

    def test_one_on_a_full_disk_spoils_no_page_and_is_complained_of_once(self):
        path, said = self.folder / 'microblog.log', io.StringIO()
        path.unlink()
        path.symlink_to('/dev/full')
        with redirect_stderr(said):
            answers = [self.visitor.get('/fail/0') for _time in range(3)]
        self.assertEqual({500}, {answer.status_code for answer in answers})
        self.assertEqual(1, said.getvalue().count('microblog.log (No space left on device)'))
        self.assertNotIn('Logging error', said.getvalue())
        path.unlink()
        self.assertIn(self.break_down().headers['X-Request-ID'], self.log())

    def test_a_file_or_folder_that_was_taken_away_is_made_anew(self):
        for take_away in (self.folder.joinpath('microblog.log').unlink, lambda: shutil.rmtree(self.folder),
                          lambda: self.folder.joinpath('microblog.log').rename(self.folder / 'microblog.log.1')):
            take_away()
            self.assertIn(self.break_down().headers['X-Request-ID'], self.log())

    def test_a_folder_that_cannot_be_made_anew_spoils_no_page(self):
        shutil.rmtree(self.folder)
        self.folder.write_text('in the way')
        self.assertEqual(500, self.break_down().status_code)
        self.folder.unlink()
        self.assertIn(self.break_down().headers['X-Request-ID'], self.log())


class Stdout(LogCase):
    settings = {'LOG_TO_STDOUT': True}

    def test_has_each_record_once_and_no_file_is_made(self):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            self.start()
            answer = self.new_visitor().get('/fail/0')
        self.assertEqual(1, out.getvalue().count(answer.headers['X-Request-ID']))
        self.assertEqual('', err.getvalue())
        self.assertEqual([], list(self.folder.iterdir()))


class Forging(LogCase):
    FORGED = '2026-01-01 00:00:00,000 INFO - all is well [in x:1]'

    def records(self) -> list[str]:
        return [line for line in self.log().splitlines() if re.match(r'\d{4}-', line)]

    def test_no_line_break_of_any_kind_makes_a_line(self):
        for sign in ('\n', '\r', '\r\n', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029'):
            with redirect_stderr(io.StringIO()):
                self.app.logger.error('typed: %s', f'a{sign}{self.FORGED}')
        self.assertEqual(11, len(self.log().splitlines()))
        self.assertFalse(any(line.startswith('2026-01-01 00:00:00') for line in self.log().splitlines()))

    def test_no_control_sequence_reaches_a_terminal(self):
        with redirect_stderr(io.StringIO()):
            self.app.logger.error('typed: %s', '\x1b[2J\x9b31m\x07\x00')
        self.assertNotRegex(self.log().replace('\n', ''), '[\x00-\x1f\x7f-\x9f]')

    def test_nothing_turns_a_line(self):
        with redirect_stderr(io.StringIO()):
            signs = '\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\u200e\u200f'
            self.app.logger.error('typed: %s', f'\u202etxt.exe{signs}')
        self.assertNotRegex(self.log(), '[\u200e\u200f\u202a-\u202e\u2066-\u2069]')

    def test_nor_does_the_message_of_an_exception(self):
        with redirect_stderr(io.StringIO()) as err:
            try:
                raise ValueError(f'bad: \x1b[2J\n{self.FORGED}\u2028{self.FORGED}')
            except ValueError:
                self.app.logger.exception('failed')
        for log in (self.log(), err.getvalue()):
            self.assertIn('all is well', log)
            self.assertEqual(1, len([line for line in log.splitlines() if re.match(r'\d{4}-', line)]))
            self.assertNotIn('\x1b', log)

    def test_what_cannot_be_encoded_is_kept_readable(self):
        with redirect_stderr(io.StringIO()):
            self.app.logger.error('typed: %s', 'a\udcffb')
        self.assertIn('a\\udcffb', self.log())


class Mails(LogCase):
    def setUp(self):
        self.mailbox = Mailbox()
        self.settings = {'MAIL_SERVER': '127.0.0.1', 'MAIL_PORT': self.mailbox.port,
                         'ADMINS': ['one@example.com', 'two@example.com']}
        super().setUp()

    def tearDown(self):
        handler = self.handler()
        if handler.started is not None:
            handler.started.stop()
        self.mailbox.stop()
        super().tearDown()

    def handler(self):
        return next(handler for handler in self.app.logger.handlers if hasattr(handler, 'started'))

    def arrived(self) -> int:
        """How many mails there are once all are sent."""
        if self.handler().started is not None:
            self.handler().started.stop()
            self.handler().started = None
        return len(self.mailbox.letters)

    def test_tell_the_admins_what_happened_and_where(self):
        number = self.break_down().headers['X-Request-ID']
        self.assertEqual(1, self.arrived())
        letter = self.mailbox.letters[0]
        self.assertEqual('one@example.com', letter['From'])
        self.assertEqual({'one@example.com', 'two@example.com'}, set(letter['To'].split(', ')))
        for part in (number, 'GET /fail/0', 'ValueError', 'Traceback'):
            self.assertIn(part, letter.get_content())

    def test_are_at_most_three_an_hour_for_one_error(self):
        for _time in range(6):
            self.break_down()
        self.assertEqual(3, self.arrived())
        self.break_down(1)
        self.assertEqual(4, self.arrived())
        later = time.monotonic() + 3601
        with mock.patch('app.logs.time.monotonic', lambda: later):
            self.break_down()
        self.assertEqual(5, self.arrived())
        self.assertEqual(8, len(re.findall('(?m)^.* ERROR ', self.log())))

    def test_are_for_errors_only(self):
        with redirect_stderr(io.StringIO()):
            self.app.logger.warning('not so bad')
        self.visitor.get('/nowhere')
        self.assertEqual(0, self.arrived())

    def test_are_sent_over_tls_or_not_at_all(self):
        self.app.extensions['mail'].use_tls = True
        with redirect_stderr(io.StringIO()) as said:
            self.app.logger.error('failed')
            self.assertEqual(0, self.arrived())
        self.assertIn('STARTTLS', said.getvalue())

    def test_that_cannot_be_sent_neither_fail_nor_hold_up_a_page(self):
        self.mailbox.stop()
        self.assertEqual(500, self.break_down().status_code)
        with redirect_stderr(io.StringIO()):
            self.arrived()
        self.mailbox = Mailbox(port=self.mailbox.port)
        self.break_down()
        self.assertEqual(1, self.arrived())


class TalkativeServer(Mailbox):
    """Names the address that it refuses, as many do."""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 aiosmtpd's name
        return f'{self.answer} <{address}> is not here'


class Secrets(LogCase):
    def setUp(self):
        self.mailbox = TalkativeServer('550')
        self.addCleanup(self.mailbox.stop)
        self.settings = {'MAIL_SERVER': '127.0.0.1', 'MAIL_PORT': self.mailbox.port, 'ADMINS': []}
        super().setUp()

    def run_tasks(self):
        with redirect_stderr(io.StringIO()):
            return super().run_tasks()

    def test_neither_password_nor_address_nor_token_is_in_the_log(self):
        form = {'username': 'susan', 'email': 'susan@example.com', 'password': PASSWORD, 'password2': PASSWORD}
        self.visitor.submit('/auth/register', **form)
        self.visitor.submit('/auth/login', username='susan@example.com', password='wrong-words')
        self.visitor.submit('/auth/reset_password_request', email='susan@example.com')
        susan = self.log_in('susan')
        susan.submit('/settings/email', email='new@example.com', current_password=PASSWORD)
        with self.app.app_context():
            token = self.find('susan').get_reset_password_token()
            stored = db.session.query(UserSession.token_hash).scalar()
        with mock.patch('app.models.User.verify_reset_password_token', side_effect=ZeroDivisionError), \
                redirect_stderr(io.StringIO()):
            self.visitor.get(f'/auth/reset_password/{token}?password={PASSWORD}')
        self.assertGreaterEqual(self.run_tasks(), 3)
        log = self.log()
        self.assertIn('ZeroDivisionError', log)
        self.assertIn('the mail server refuses the letter (550)', log)
        cookie = susan.client.get_cookie('session').value
        for secret in (PASSWORD, 'wrong-words', 'example.com', token, token[:40], stored, cookie, 'green'):
            self.assertNotIn(secret, log)

    def test_nor_is_a_token_or_a_query_in_what_the_development_server_says(self):
        logger = logging.getLogger('werkzeug')
        for line in ('GET /auth/confirm/eyJhbGc.eyJp-_Y.xy?next=/secret HTTP/1.1',
                     '\x1b[36mGET /auth/confirm/eyJhbGc.eyJp-_Y.xy?q=secret\x1b[0m'):
            with self.assertLogs(logger, 'INFO') as seen:
                logger.info('127.0.0.1 - - [now] "%s" %s %s\n', line, '200', '-')
            self.assertRegex(seen.output[0], r'GET /auth/confirm/\.\.\.( HTTP/1.1|\x1b\[0m)" 200 -')

    def test_nor_what_a_server_says_that_refuses_for_now(self):
        self.mailbox.answer = '450'
        with self.app.app_context():
            send_email('Hello', None, ['susan@example.com'], 'text', '<p>html</p>')
        self.run_tasks()
        self.assertIn('450', self.log())
        self.assertNotIn('susan@example.com', self.log())

    def test_nor_does_a_fault_of_the_database_repeat_what_was_typed(self):
        typed = {'x': 'susan@example.com'}
        with self.app.app_context(), redirect_stderr(io.StringIO()):
            try:
                db.session.execute(sa.text('SELECT * FROM nowhere WHERE x = :x'), typed)
            except sa.exc.DBAPIError:
                self.app.logger.exception('failed')
        self.assertIn('nowhere', self.log())
        self.assertNotIn('susan@example.com', self.log())


class Lines(LogCase):
    settings = {'LOG_FORMAT': 'json', 'MAIL_SERVER': '127.0.0.1'}

    def test_are_json_and_one_number_goes_from_the_request_to_its_task_and_letter(self):
        mailbox = Mailbox()
        self.addCleanup(mailbox.stop)
        self.app.extensions['mail'].port = mailbox.port
        answer = self.break_down()
        number = self.new_visitor().submit('/auth/register', username='susan', email='susan@example.com',
                                           password=PASSWORD, password2=PASSWORD).headers['X-Request-ID']
        self.run_tasks()
        self.assertEqual([number], [letter['X-Request-ID'] for letter in mailbox.letters
                                    if letter['To'] == 'susan@example.com'])
        records = [json.loads(line) for line in self.log().splitlines()]
        failed, = [record for record in records if record['level'] == 'ERROR']
        self.assertEqual(answer.headers['X-Request-ID'], failed['request'])
        self.assertIn('ValueError', failed['error'])
        self.assertLessEqual({'time', 'level', 'request', 'message', 'where', 'process'}, set(failed))
