"""Settings are read once and strictly: what is malformed stops the start with one sentence and no traceback."""
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from limits import parse_many

import config
from app import create_app
from tests.base import TestConfig
from tests.parts import once_only

KEY = 'J7w1-hFq9_LmZ2xK0pRt5sVb8nYc4dGe'
PUBLIC = {'SITE_URL': 'https://blog.example.org', 'SECRET_KEY': KEY}
START = 'import config; config.derive({k: v for k, v in vars(config.Config).items() if k.isupper()})'


class ConfigCase(unittest.TestCase):
    """A copy of config.py in a folder of its own, so that neither key nor `.env` of this machine counts."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix='microblog-config-'))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(config.__file__, self.folder / 'config.py')

    def start(self, code: str = '', **settings: str) -> subprocess.CompletedProcess:
        """Read the settings in a process of their own."""
        environment = {'PATH': os.environ['PATH'], **settings}
        return subprocess.run([sys.executable, '-c', f'{START}\n{code}'], cwd=self.folder, env=environment,
                              capture_output=True, text=True, timeout=60)

    def value(self, expression: str, **settings: str) -> str:
        done = self.start(f'from config import Config\nprint({expression})', **settings)
        self.assertEqual((0, ''), (done.returncode, done.stderr))
        return done.stdout.rstrip('\n')

    def assert_stops(self, words: str, **settings: str):
        done = self.start(**settings)
        self.assertEqual((1, ''), (done.returncode, done.stdout), settings)
        self.assertRegex(done.stderr, r'\AMicroblog cannot start: [^\n]+\.\n\Z')
        self.assertIn(words, done.stderr)


class Refusals(unittest.TestCase):
    """Every malformed value, in this process: `Config` reads its settings while its class is made."""

    WRONG = {
        'PORT': ('x', '0', '65536', '-1', '5.0', '1e3', '٣', '9' * 300, '0x10', '5000 5001'),
        'TRUSTED_PROXIES': ('11', '-1', 'yes', '1,2'),
        'POSTS_PER_PAGE': ('0', '101', 'many'),
        'TASK_THREADS': ('33', '-1', 'two'),
        'MAX_CONTENT_LENGTH': ('0', '9999', '100000001', '1MB'),
        'MAIL_PORT': ('0', '70000', 'smtp'),
        'MAIL_USE_TLS': ('maybe', '2', 'tls', 'on off'),
        'LOG_TO_STDOUT': ('stdout', 'o'), 'SITE_CLOSED': ('closed', '-'), 'GRAVATAR': ('gravatar',),
        'REGISTRATION': ('Open', 'invite', 'on'),
        'SITE_URL': ('blog.example.org', 'ftp://blog.example.org', 'https://', 'https:///path', 'https://b.example/path',
                     'https://b.example?x=1', 'https://b.example#x', 'https://u:p@b.example', 'https://b.example:x',
                     'https://b.example:99999', 'http://[::1', 'javascript:alert(1)', '//b.example',
                     'https://b example', 'https://b\u00fccher.example', 'https://b.example:0',
                     'https://b.example?', 'https://b.ex\tample', 'https://b.example:', 'x',
                     'https://<b>', "https://b'", 'https://b.example,c.example'),
        'TRUSTED_HOSTS': ('https://b.example', 'b.example/path', 'b example', 'a.example,<b>', '*'),
        'LANGUAGES': ('xx', 'en,xx', 'EN', ',', 'en de', 'en;de'),
        'DATABASE_URL': ('oracle://h/d', 'sqlite:app.db', 'sqlite:/app.db', 'postgresql://', 'postgresql://host',
                         'mysql://host/', 'x', 'postgresql+asyncpg://h/d', 'mysql+mysqldb://h/d', 'postgresql://h:x/d',
                         'sqlite://host/app.db', 'mariadb://h', 'postgresql:/h/d'),
        'LIMIT_LOGIN': ('10', 'ten per hour', '0 per minute', '-1 per minute', '10 per 0 minute', '10 per fortnight',
                        ';', '10 per minute;', '10 per minute and 5 per hour', '1' * 10 + ' per day',
                        '1 per 1000 year'),
        'LIMIT_WRITE': ('none', '5 per'),
        'RATELIMIT_ENABLED': ('maybe', '2'),
        'REDIS_URL': ('localhost:6379', 'http://h', 'memory://'),
        'ELASTICSEARCH_URL': ('localhost:9200', 'ftp://h:9200', 'http://', 'http://h:x', 'http://h:0', 'http://a b', 'http://h:65536',
                              'http://h:9200,', 'http://h:9200 http://i:9200', 'http://a@b@c:9200', 'http://h?x=1'),
        'ELASTICSEARCH_INDEX': ('Blog', '_all', '-x', 'a b', '*', 'a,b', 'a/b', '.x', 'x' * 101),
        'CELERY_BROKER_URL': ('localhost', 'memory://', 'http://h', 'amqp:h', 'sqs://'),
        'RATELIMIT_STORAGE_URI': ('memcached://h', 'x'),
        'ADMINS': ('admin', 'a@example.com, admin', 'a b@example.com', '@', 'a@'),
        'MAIL_DEFAULT_SENDER': ('nobody', '@', 'a@'),
        'SECRET_KEY': ('a\nb', 'a\rb', 'a\x00b', 'a\x1bb', 'a\udcffb'),
    }

    def test_each_is_one_sentence_that_names_the_setting(self):
        source = Path(config.__file__).read_text()
        code = compile(source, config.__file__, 'exec')
        for name, values in self.WRONG.items():
            for value in values:
                with self.subTest(name=name, value=value), self.environment({name: value}):
                    with self.assertRaises(SystemExit) as stop:
                        exec(code, {'__name__': 'fresh_config', '__file__': config.__file__})
                    self.assertRegex(str(stop.exception), r'\AMicroblog cannot start: [^\n]+\.\Z')
                    self.assertIn(name, str(stop.exception))
                    self.assertEqual(1, len(stop.exception.args))

    def test_a_database_address_is_not_repeated_for_it_holds_a_password(self):
        for url in ('oracle://me:secret1@host/db', 'postgresql://me:secret1@host', 'mysql://me:secret1@h:x/d'):
            with self.environment({'DATABASE_URL': url}), self.assertRaises(SystemExit) as stop:
                config.database('DATABASE_URL')
            self.assertNotIn('secret1', str(stop.exception))

    def test_nor_is_that_of_the_search_server(self):
        with self.environment({'ELASTICSEARCH_URL': 'http://me:secret1@h:x'}), self.assertRaises(SystemExit) as stop:
            config.like('ELASTICSEARCH_URL', '', config._SEARCH, 'http://localhost:9200')
        self.assertNotIn('secret1', str(stop.exception))

    def test_nor_is_a_key(self):
        for key in ('my-secret\nsecond', 'weak'):
            with self.environment({'X_KEY': key}), self.assertRaises(SystemExit) as stop:
                config.check_secret_key(config.text('X_KEY'), local=False)
            self.assertNotIn(key.partition('\n')[0], str(stop.exception))

    @staticmethod
    def environment(settings):
        """These settings and a key, so that no file is made; no real environment could hold a NUL."""
        return mock.patch.object(os, 'environ', {'PATH': os.environ['PATH'], 'SECRET_KEY': KEY, **settings})


@once_only
class Values(ConfigCase):
    def test_of_nothing_are_the_defaults(self):
        names = ['PORT', 'SITE_URL', 'REGISTRATION', 'LANGUAGES', 'POSTS_PER_PAGE', 'ADMINS', 'MAIL_SERVER', 'GRAVATAR',
                 'SITE_CLOSED']
        seen = self.value(f'tuple(getattr(Config, name) for name in {names})')
        self.assertEqual("(5000, 'http://localhost:5000', 'open', ['en', 'es', 'de', 'fr', 'ar', 'zh'], 25, [], '', "
                         "False, False)", seen)

    def test_that_are_empty_or_blank_are_the_defaults(self):
        self.assertEqual('5000', self.value('Config.PORT', PORT=' ', SITE_URL='', DATABASE_URL='', LANGUAGES=' '))

    def test_are_read_without_the_space_around_them(self):
        seen = self.value('(Config.PORT, Config.GRAVATAR, Config.ADMINS, Config.LANGUAGES)', PORT=' 8000 ',
                          GRAVATAR=' Yes', ADMINS=' a@example.com ,, b@example.com,', LANGUAGES='de, en')
        self.assertEqual("(8000, True, ['a@example.com', 'b@example.com'], ['de', 'en'])", seen)

    def test_come_from_the_env_file_too_but_the_environment_wins(self):
        (self.folder / '.env').write_text('PORT=7001\nPOSTS_PER_PAGE=10\n')
        self.assertEqual('(7002, 10)', self.value('(Config.PORT, Config.POSTS_PER_PAGE)', PORT='7002'))

    def test_of_limits_are_read_as_the_library_writes_them(self):
        for text in ('10 per 5 minute', '10/minute', '10 per 2 hours; 100 per day', '5/5second,7/month', '1 PER YEAR',
                     '999999999 per 999 year'):
            with mock.patch.dict(os.environ, LIMIT_POST=text):
                read = config.limit('LIMIT_POST', '')
            self.assertEqual(parse_many(text), parse_many(read))

    def test_of_limits_by_default_are_those_of_the_design(self):
        names = ['LIMIT_LOGIN', 'LIMIT_RESET', 'LIMIT_REGISTER', 'LIMIT_POST', 'RATELIMIT_ENABLED']
        self.assertEqual("('10 per 5 minute', '5 per day', '10 per hour', '30 per minute', True)",
                         self.value(f'tuple(getattr(Config, name) for name in {names})'))

    def test_limits_are_counted_in_redis_where_there_is_one_else_in_the_database(self):
        for given, wanted in (({}, 'sqlite:////x.db'), ({'REDIS_URL': 'redis://h'}, 'redis://h'),
                              ({'REDIS_URL': 'redis://h', 'RATELIMIT_STORAGE_URI': 'memory://'}, 'memory://')):
            seen = self.value("(s := {**vars(Config)}, config.derive(s))[0]['RATELIMIT_STORAGE_URI']", SECRET_KEY=KEY,
                              DATABASE_URL='sqlite:////x.db', **given)
            self.assertEqual(wanted, seen)

    def test_of_search_are_an_address_or_several_of_one_server(self):
        for url in ('http://localhost:9200', 'https://elastic:pa$$-w0rd%2F@search.example.org:9243/es',
                    'http://a:9200,http://b:9200', 'http://a, http://[::1]:9200'):
            self.assertEqual(url, self.value('Config.ELASTICSEARCH_URL', ELASTICSEARCH_URL=url))
        self.assertEqual("('', 'microblog')", self.value('(Config.ELASTICSEARCH_URL, Config.ELASTICSEARCH_INDEX)'))

    def test_name_the_default_address_by_the_port(self):
        self.assertEqual('http://localhost:7003', self.value('Config.SITE_URL', PORT='7003'))

    def test_stop_a_process_with_one_line_and_the_exit_code_1(self):
        self.assert_stops('PORT is "x"', PORT='x')


@once_only
class Key(ConfigCase):
    def test_is_made_for_a_site_on_this_machine_for_the_owner_alone_and_kept(self):
        first = self.value('Config.SECRET_KEY')
        path = self.folder / 'instance' / 'secret_key'
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        self.assertRegex(first, '^[0-9a-f]{64}$')
        self.assertEqual(first, self.value('Config.SECRET_KEY'))
        self.assertEqual(['secret_key'], os.listdir(path.parent))

    def test_is_one_however_many_processes_start_at_once(self):
        code = f'{START}\nprint(config.Config.SECRET_KEY)'
        started = [subprocess.Popen([sys.executable, '-c', code], cwd=self.folder, text=True, stdout=subprocess.PIPE,
                                    env={'PATH': os.environ['PATH']}) for _ in range(4)]
        self.assertEqual(1, len({process.communicate(timeout=120)[0] for process in started}))

    def test_of_the_environment_counts_before_the_file(self):
        self.assertEqual(KEY, self.value('Config.SECRET_KEY', SECRET_KEY=KEY))
        self.assertFalse((self.folder / 'instance').exists())

    def test_in_production_must_be_there_long_and_unknown(self):
        for key in ('', 'short', 'you-will-never-guess', 'a-really-long-and-unique-key-that-nobody-knows',
                    'A-Really-Long-And-Unique-Key-That-Nobody-Knows', 'x' * 64, 'abcabc' * 10,
                    '1234567890' * 4, 'correct horse ' * 3, KEY[:31]):
            with self.assertRaises(config.SettingError):
                config.check_secret_key(key, local=False)
        for key in ('', 'short'):
            self.assert_stops('SECRET_KEY', SITE_URL=PUBLIC['SITE_URL'], SECRET_KEY=key)
        self.assertFalse((self.folder / 'instance').exists())
        self.assertEqual(KEY, self.value('Config.SECRET_KEY', **PUBLIC))

    def test_in_production_may_come_from_the_file_that_was_made_before(self):
        made = self.value('Config.SECRET_KEY')
        self.assertEqual(made, self.value('Config.SECRET_KEY', SITE_URL=PUBLIC['SITE_URL']))
        (self.folder / 'instance' / 'secret_key').write_text('short\n')
        self.assert_stops('SECRET_KEY', SITE_URL=PUBLIC['SITE_URL'])

    def test_that_is_retired_must_be_as_strong(self):
        self.assert_stops('SECRET_KEY_FALLBACKS', **PUBLIC, SECRET_KEY_FALLBACKS=f'{KEY[::-1]},you-will-never-guess')
        self.assertEqual('2', self.value('len(Config.SECRET_KEY_FALLBACKS)', **PUBLIC,
                                         SECRET_KEY_FALLBACKS=f'{KEY[::-1]}, {KEY[1:]}a'))

    def test_in_a_file_that_is_empty_or_cannot_be_read_is_a_sentence(self):
        (self.folder / 'instance').mkdir()
        path = self.folder / 'instance' / 'secret_key'
        path.write_text('')
        self.assert_stops('SECRET_KEY is missing')
        path.write_bytes(b'\xff\xfe' * 40)
        self.assert_stops('cannot be read')
        path.unlink()
        path.mkdir()
        self.assert_stops('cannot be read')

    def test_that_cannot_be_written_is_a_sentence(self):
        (self.folder / 'instance').write_text('a file')
        self.assert_stops('cannot be')


class Derived(unittest.TestCase):
    def derive(self, **settings) -> dict:
        values = {name: getattr(TestConfig, name) for name in dir(TestConfig) if name.isupper()}
        values |= {'SECRET_KEY': KEY, **settings}
        config.derive(values)
        return values

    def test_a_site_on_this_machine_answers_to_its_three_names(self):
        for url in ('http://localhost:5000', 'http://127.0.0.1:8000', 'http://[::1]:8000'):
            got = self.derive(SITE_URL=url)
            self.assertEqual({'localhost', '127.0.0.1', '::1'}, got['HOSTS'])
            self.assertEqual((False, 'session'), (got['SESSION_COOKIE_SECURE'], got['SESSION_COOKIE_NAME']))

    def test_a_public_one_to_its_own_name_and_those_that_are_listed(self):
        got = self.derive(SITE_URL='https://Blog.Example.org', EXTRA_HOSTS=['www.example.org'])
        self.assertEqual({'blog.example.org', 'www.example.org'}, got['HOSTS'])
        self.assertEqual((True, '__Host-session'), (got['SESSION_COOKIE_SECURE'], got['SESSION_COOKIE_NAME']))

    def test_the_sender_is_the_first_admin_or_nobody(self):
        self.assertEqual('a@b.example', self.derive(ADMINS=['a@b.example'])['MAIL_DEFAULT_SENDER'])
        self.assertEqual('no-reply@localhost', self.derive(ADMINS=[])['MAIL_DEFAULT_SENDER'])
        self.assertEqual('x@y.example', self.derive(MAIL_DEFAULT_SENDER='x@y.example')['MAIL_DEFAULT_SENDER'])

    def test_database_addresses_get_the_drivers_of_this_site(self):
        for given, used in (('postgres://u:p@h/d', 'postgresql+psycopg://u:p@h/d'),
                            ('postgresql://u:p@h:1/d?sslmode=require', 'postgresql+psycopg://u:p@h:1/d?sslmode=require'),
                            ('mysql://h/d', 'mysql+pymysql://h/d'), ('mariadb://h/d', 'mysql+pymysql://h/d'),
                            ('sqlite:////x/app.db', 'sqlite:////x/app.db'), ('sqlite://', 'sqlite://'),
                            ('postgresql+psycopg://h/d', 'postgresql+psycopg://h/d'),
                            ('mysql+pymysql://h/d', 'mysql+pymysql://h/d')):
            self.assertEqual(used, config.rewrite(given))
            self.assertEqual(used, self.derive(SQLALCHEMY_DATABASE_URI=given)['SQLALCHEMY_DATABASE_URI'])

    def test_no_application_is_made_with_a_weak_key(self):
        weak = type('Weak', (TestConfig,), {'SITE_URL': 'https://blog.example.org', 'SECRET_KEY': 'weak'})
        with self.assertRaises(config.SettingError):
            create_app(weak)
