"""`flask doctor`: says what is wrong in plain words, and what to do; nothing is changed."""
import os
import threading
from datetime import timedelta
from unittest import mock
from wsgiref.simple_server import WSGIRequestHandler, make_server

import config
from app import create_app, db
from app.models import Task, first_id, utcnow
from tests.backup.base import BackupCase
from tests.base import TestConfig, make_post, make_user
from tests.mailbox import Mailbox
from tests.parts import once_only
from tests.scratch import free_port
from tests.world import KIND, URL


class Quiet(WSGIRequestHandler):
    """A server that says nothing of its requests."""

    def log_message(self, *arguments) -> None:
        pass


class DoctorCase(BackupCase):
    def setUp(self):
        super().setUp()
        if KIND == 'sqlite':
            os.chmod(URL.database, 0o600)
        folder = self.folder
        places = mock.patch.multiple(config, KEY_FILE=folder / 'secret_key', basedir=folder, INSTANCE=folder)
        places.start()
        self.addCleanup(places.stop)

    def says(self, *arguments: str, code: int = 0, **settings) -> str:
        """What the doctor says of a site with these settings."""
        with mock.patch.dict(self.app.config, {'RATELIMIT_ENABLED': True, **settings}):
            result = self.run_it(self.app, 'doctor', *arguments)
        self.assertEqual(code, result.exit_code, result.output)
        return result.output

    def assert_fault(self, words: str, **settings) -> None:
        output = self.says('--quiet', code=1, **settings)
        self.assertRegex(output, f'FAULT .*{words}')


class Databases(DoctorCase):
    def test_a_site_that_is_well(self):
        output = self.says()
        name = {'mysql': 'mariadb'}.get(KIND, KIND)
        for words in (name, 'it is that of this release', 'agree|in the future', 'space', 'The site is well'):
            self.assertRegex(output, words)
        self.assertNotIn('FAULT', output)
        if URL.password:
            self.assertNotIn(URL.password, output)

    def test_a_schema_that_is_behind(self):
        with self.app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9100c4bfd0c8'")
        self.assert_fault('run "flask db upgrade"')


@once_only
class Faults(DoctorCase):
    def test_settings(self):
        public = {'SITE_URL': 'https://blog.example.invalid', 'TRUSTED_PROXIES': 1}
        self.assert_fault('TRUSTED_PROXIES is 0', **{**public, 'TRUSTED_PROXIES': 0})
        self.assert_fault('has no TLS', **{**public, 'SITE_URL': 'http://blog.example.invalid'})
        self.assert_fault('does not answer', **public)

    def test_a_key_that_others_can_read(self):
        key = self.folder / 'secret_key'
        key.write_text('secret')
        key.chmod(0o644)
        self.assert_fault(f'chmod 600 {key}')

    def test_work_that_nobody_does_and_posts_of_tomorrow(self):
        with self.app.app_context():
            db.session.add(Task(name='deliver', run_after=utcnow() - timedelta(hours=1)))
            db.session.commit()
            make_post(make_user(), 'soon', id=first_id(utcnow() + timedelta(days=1)))
        self.assert_fault('nobody does them')
        self.assert_fault('clock of this machine')

    def test_servers_that_are_away(self):
        away = f'127.0.0.1:{free_port()}'
        self.assert_fault('Redis does not answer', RATELIMIT_STORAGE_URI=f'redis://{away}/0')
        self.assert_fault('CELERY_BROKER_URL', CELERY_BROKER_URL=f'redis://{away}/1')
        self.app.extensions.pop('celery', None)

    def test_a_database_that_is_away_is_one_fault(self):
        address = f'postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none'
        app = create_app(type('Away', (TestConfig,), {'SQLALCHEMY_DATABASE_URI': address}))
        output = self.run_it(app, 'doctor', '--quiet').output
        self.assertRegex(output, 'FAULT +database +The database says: .*Connection refused.*DATABASE_URL')
        self.assertEqual(1, output.count('database says'), output)

    def test_a_letter_that_was_asked_for_where_mail_is_not_set_up(self):
        output = self.says('--mail', 'me@example.com', code=1)
        self.assertRegex(output, 'FAULT +mail +No letter was sent to me@example.com: MAIL_SERVER is not set.')

    def test_mail_is_tried_and_a_letter_sent_on_request(self):
        mailbox = Mailbox()
        self.addCleanup(mailbox.stop)
        mail = self.app.extensions['mail']
        with mock.patch.multiple(mail, server='127.0.0.1', port=mailbox.port, suppress=False):
            output = self.says('--mail', 'me@example.com', MAIL_SERVER='127.0.0.1')
            self.assertIn('lets us in', output)
            self.assertIn('is on its way', output)
            self.assertEqual(['me@example.com'], [letter['To'] for letter in mailbox.letters])
        with mock.patch.multiple(mail, server='127.0.0.1', port=free_port(), suppress=False):
            self.assert_fault('Look at MAIL_SERVER', MAIL_SERVER='127.0.0.1')

    def test_a_proxy_that_passes_lies_on(self):
        server = make_server('127.0.0.1', 0, self.believing, handler_class=Quiet)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.hops = 0
        site = f'http://127.0.0.1:{server.server_port}'
        self.assertIn('knows who is asking (127.0.0.1)', self.says(SITE_URL=site))
        self.hops = 1
        self.assert_fault('believes everybody', SITE_URL=site)

    def believing(self, environ, start_response):
        """The site, behind a web server that leaves the headers as they came."""
        if self.hops:
            environ['REMOTE_ADDR'] = environ.get('HTTP_X_FORWARDED_FOR', '')
        return self.app(environ, start_response)
