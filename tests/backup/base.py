"""A site with something in every corner, a second one on SQLite, and every row of both."""
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from app import create_app, db
from app.backup.tables import kept
from app.migrating import revisions
from app.models import (
    Avatar,
    Event,
    Export,
    ExportPart,
    FormerUsername,
    Message,
    Notification,
    Submission,
    Task,
    UserSession,
    utcnow,
)
from tests.base import AppTestCase, TestConfig, make_post, make_user

STRANGE = (
    'quote " and \' and \\ and \\n', 'two\nlines\tand a tab', '\x7f \u2028 \u200d',
    '日本語 😀 👩‍👩‍👧 é é', 'trailing  ', '%s ? :x')
LONG_AGO = datetime(1999, 12, 31, 23, 59, 59, 7, tzinfo=UTC)


class BackupCase(AppTestCase):
    """A site whose schema has a revision, as after `flask db upgrade`, and a folder for its backups."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix='microblog-backup-')
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.folder / 'site.zip'
        self.stamp(self.app)
        self.addCleanup(self.unstamp)

    def stamp(self, app) -> None:
        newest = set(revisions()) - set(revisions().values())
        with app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql('CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)')
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{newest.pop()}')")

    def unstamp(self) -> None:
        with self.app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql('DROP TABLE alembic_version')

    def new_site(self, name: str = 'other'):
        """Another site on SQLite, empty."""
        url = f'sqlite:///{self.folder}/{name}.db'
        app = create_app(type('Other', (TestConfig,), {'SQLALCHEMY_DATABASE_URI': url}))
        with app.app_context():
            db.create_all()
            self.addCleanup(db.engine.dispose)
        self.stamp(app)
        return app

    def fill(self) -> None:
        """Put something strange into many tables."""
        with self.app.app_context():
            susan, john = make_user('susan', name='Súsan "S"', about_me='\n'.join(STRANGE)), make_user('john')
            for number, body in enumerate(STRANGE):
                make_post(susan, body, timestamp=utcnow() - timedelta(days=number))
            make_post(john, 'old', timestamp=LONG_AGO, language='ar')
            susan.follow(john)
            john.suspended_at, susan.confirm_by, susan.unread_notifications = LONG_AGO, utcnow(), 1
            message = Message(sender_id=susan.id, recipient_id=john.id, body=STRANGE[3])
            export = Export(user_id=john.id, run=2**62 + 1, size=2**40)
            db.session.add_all([message, export])
            db.session.flush()
            db.session.add_all([
                Avatar(user_id=susan.id, picture=bytes(range(256)), media_type='image/webp'),
                ExportPart(export_id=export.id, run=export.run, number=0, content=bytes(range(256)) * 1024),
                ExportPart(export_id=export.id, run=export.run, number=1, content=b''),
                Event(user_id=None, kind='login_failed', created_at=LONG_AGO, browser='%s'),
                FormerUsername(username_key='su', user_id=susan.id, reserved_until=utcnow()),
                Notification(user_id=susan.id, kind='follow', actor_id=john.id),
                Submission(user_id=susan.id, key='0f' * 32, result_id=2**62),
                Task(name='deliver', arguments={'text': STRANGE[0], 'n': 2**60, 'none': None}, state='done'),
                UserSession(user_id=susan.id, token_hash='ab' * 32, remember=True),
            ])
            db.session.commit()

    def rows(self, app) -> dict[str, list]:
        """Every row of a site, as the application reads it."""
        with app.app_context(), db.engine.connect() as connection:
            return {table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(
                *table.primary_key))] for table in kept()}

    def run_it(self, app, *arguments: str):
        """A command of `flask`."""
        return app.test_cli_runner().invoke(args=list(map(str, arguments)))

    def keep(self) -> None:
        """Back the first site up."""
        result = self.run_it(self.app, 'backup', self.file)
        self.assertEqual(0, result.exit_code, result.output)

    def refused(self, app, *arguments, words: str):
        """A command that ends with one sentence, and leaves the site as it was."""
        before = self.rows(app)
        result = self.run_it(app, *arguments)
        self.assertEqual(1, result.exit_code, result.output)
        self.assertIn(words, result.output)
        self.assertNotIn('Traceback', result.output)
        self.assertEqual(before, self.rows(app))
        return result.output

    def add_later(self, app) -> int:
        """Somebody new, made the usual way; their id."""
        with app.app_context():
            return make_user('later').id
