"""A site in one file: every row comes back, on this database and on another, and nothing is half done."""
import errno
import json
import os
import re
import resource
import signal
import stat
import threading
import zipfile
from pathlib import Path
from unittest import mock

import sqlalchemy as sa

from app import backup, db
from app.backup import connecting, tables
from app.migrating import revisions
from app.models import Post, User
from app.services import counters
from tests.backup.base import BackupCase
from tests.base import make_post
from tests.parts import once_only
from tests.world import KIND, only_on


def silent(number: int) -> None:
    """Progress that nobody looks at."""


class Whole(BackupCase):
    def setUp(self):
        super().setUp()
        self.fill()
        self.before = self.rows(self.app)

    def test_every_row_comes_to_another_database_and_back(self):
        self.keep()
        self.assertEqual(0o600, stat.S_IMODE(self.file.stat().st_mode))
        other = self.new_site()
        result = self.run_it(other, 'restore', self.file)
        self.assertEqual(0, result.exit_code, result.output)
        self.assertEqual(self.before, self.rows(other))
        back = self.folder / 'back.zip'
        self.assertEqual(0, self.run_it(other, 'backup', back).exit_code)
        with self.app.app_context():
            make_post(db.session.scalars(sa.select(User)).first(), 'to be forgotten')
        self.refused(self.app, 'restore', back, words='There are people on this site; --overwrite lets')
        result = self.run_it(self.app, 'restore', back, '--overwrite')
        self.assertEqual(0, result.exit_code, result.output)
        self.assertEqual(self.before, self.rows(self.app))
        for app in (self.app, other):
            self.assertGreater(self.add_later(app), max(row[0] for row in self.before['user']))
            with app.app_context():
                self.assertFalse(any(counters.check()))
            self.assertIn('posts are as they should be', self.run_it(app, 'search', 'check').output)

    def test_holds_one_moment_while_people_post(self):
        written = []

        def post(rows: int) -> None:
            with self.app.app_context():
                susan = db.session.scalars(sa.select(User).where(User.username == 'susan')).one()
                written.append(make_post(susan, f'meanwhile {len(written)}').id)
                db.session.remove()
        with self.app.app_context():
            backup.write(self.file, '1', silent, post)
        self.assertGreater(len(written), 5)
        other = self.new_site()
        self.assertEqual(0, self.run_it(other, 'restore', self.file).exit_code)
        self.assertEqual(self.before, self.rows(other))

    def test_says_what_is_in_it_and_keeps_no_secret(self):
        self.keep()
        with zipfile.ZipFile(self.file) as archive:
            manifest = json.loads(archive.read('manifest.json'))
            everything = b''.join(archive.read(name) for name in archive.namelist() if 'tables' not in name)
        counted = {table['name']: table['rows'] for table in manifest['tables']}
        self.assertEqual({name: len(rows) for name, rows in self.before.items()}, counted)
        self.assertEqual((1, KIND), (manifest['format'], manifest['database']))
        for secret in (os.environ.get('TEST_DATABASE_URL') or 'sqlite:', self.config.SECRET_KEY):
            self.assertNotIn(secret.encode(), everything)

    def test_of_one_that_is_killed_nothing_is_left(self):
        before = set(self.folder.iterdir())
        child = os.fork()
        if not child:
            with self.app.app_context():
                backup.write(self.file, '1', silent, lambda rows: os.kill(os.getpid(), signal.SIGKILL))
        self.assertEqual(signal.SIGKILL, os.WTERMSIG(os.waitpid(child, 0)[1]))
        self.assertEqual(before, set(self.folder.iterdir()))

    def test_on_a_disk_without_nameless_files(self):
        with mock.patch.object(os, 'O_TMPFILE', os.O_EXCL):  # what a kernel says that knows the flag but not there
            self.keep()
        self.assertEqual(0o600, stat.S_IMODE(self.file.stat().st_mode))
        self.assertEqual([self.file.name], [path.name for path in self.folder.iterdir() if self.file.name in path.name])

    def test_a_file_that_came_meanwhile_stays(self):
        for flag in (os.O_TMPFILE, os.O_EXCL):
            with mock.patch.object(os, 'O_TMPFILE', flag), self.app.app_context(), \
                    self.assertRaisesRegex(backup.BackupError, 'is there already'):
                backup.write(self.file, '1', silent, lambda rows: self.file.write_text('precious'))
            self.assertEqual('precious', self.file.read_text())
            self.file.unlink()

    def test_a_file_that_comes_in_the_last_moment_stays(self):
        link = os.link

        def late(draft, path) -> None:
            path.write_text('precious')
            link(draft, path)
        with mock.patch.multiple(os, O_TMPFILE=os.O_EXCL, link=late), self.app.app_context(), \
                self.assertRaisesRegex(backup.BackupError, 'is there already'):
            backup.write(self.file, '1', silent, silent)
        self.assertEqual('precious', self.file.read_text())

    def test_on_a_disk_without_links_either(self):
        refused = mock.patch.object(os, 'link', side_effect=OSError(errno.EPERM, 'no links here'))
        with mock.patch.object(os, 'O_TMPFILE', os.O_EXCL), refused:
            self.keep()
        self.assertEqual([self.file.name], [path.name for path in self.folder.iterdir() if self.file.name in path.name])

    def test_a_file_of_that_name_stays(self):
        self.file.write_text('precious')
        self.refused(self.app, 'backup', self.file, words='is there already')
        self.assertEqual('precious', self.file.read_text())

    def test_without_room_nothing_is_left(self):
        self.addCleanup(signal.signal, signal.SIGXFSZ, signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_FSIZE, (soft, hard))
        before = set(self.folder.iterdir())
        with self.app.app_context(), self.assertRaisesRegex(backup.BackupError, 'could not be written'):
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
            try:
                backup.write(self.file, '1', silent, silent)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        self.assertEqual(before, set(self.folder.iterdir()))

    @only_on('postgresql', 'mysql')  # SQLite has no connection that could be lost
    def test_of_a_server_that_goes_away_nothing_is_left(self):
        def cut(rows: int) -> None:
            with self.app.app_context(), db.engine.connect() as connection:
                others = {'postgresql': 'SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity '
                                        'WHERE datname = current_database() AND pid <> pg_backend_pid()',
                          'mysql': 'SELECT id FROM information_schema.processlist '
                                   'WHERE db = database() AND id <> connection_id()'}[KIND]
                for number, *_done in connection.exec_driver_sql(others).all():
                    if KIND == 'mysql':
                        connection.exec_driver_sql(f'KILL {number}')
        before = set(self.folder.iterdir())
        with self.app.app_context(), self.assertRaisesRegex(backup.BackupError, 'The database says: .*no backup'):
            backup.write(self.file, '1', silent, cut)
        self.assertEqual(before, set(self.folder.iterdir()))

    def test_while_another_restore_runs(self):
        self.keep()
        with self.app.app_context(), connecting.changing():
            result = self.run_it(self.app, 'restore', self.file, '--overwrite')
        self.assertIn('Another restore is running', result.output)
        self.assertEqual(1, result.exit_code)

    def test_while_another_restore_ends(self):
        self.keep()
        begun, end = threading.Event(), threading.Event()

        def change():
            with self.app.app_context(), connecting.changing():
                begun.set()
                end.wait(60)
        other, timer = threading.Thread(target=change), threading.Timer(3, end.set)
        other.start()
        begun.wait(60)
        timer.start()
        result = self.run_it(self.app, 'restore', self.file, '--overwrite')
        timer.cancel()
        end.set()
        other.join()
        self.assertIn('Another restore is running', result.output)

    def test_every_table_has_a_form(self):
        for table in tables.kept():
            for column in table.columns:
                self.assertIn(tables.kind(column), tables._TYPES, column)


@once_only
class Refused(BackupCase):
    """What is not restored: one sentence, and the site is as it was."""

    def setUp(self):
        super().setUp()
        self.fill()
        self.keep()
        self.other = self.new_site()
        self.add_later(self.other)

    def restore(self, words: str, file: Path | None = None) -> str:
        return self.refused(self.other, 'restore', file or self.file, '--overwrite', words=words)

    def rewrite(self, member: str, change) -> None:
        """Make the file anew with one member changed, sealed as it should be."""
        with zipfile.ZipFile(self.file) as archive:
            parts = {name: archive.read(name).decode() for name in archive.namelist()}
        parts[member] = change(parts[member])
        self.file.unlink()
        with backup.file.new(self.file) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)

    def test_half_a_file_a_changed_byte_and_no_backup(self):
        whole = self.file.read_bytes()
        for content in (whole[:len(whole) // 2], whole[:-1], b'', b'PK', bytes(200)):
            self.file.write_bytes(content)
            self.assertTrue(self.restore('is not a whole backup').startswith('Error: '))
        for place in (0, 11, len(whole) // 2, len(whole) - 100, len(whole) - 1):
            self.file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
            self.restore('is not a whole backup')
        self.restore('cannot be read', self.folder / 'none.zip')

    def test_of_a_newer_release_or_another_schema(self):
        self.rewrite('manifest.json', lambda text: text.replace('"format": 1', '"format": 2'))
        self.restore('by a newer release')
        self.rewrite('manifest.json', lambda text: text.replace('"format": 2', '"format": 1').replace(
            '"revision": "', '"revision": "f'))
        self.restore('flask db upgrade')

    def test_an_older_schema_is_filled_as_it_is(self):
        older = next(before for before in revisions().values() if before)
        self.rewrite('manifest.json', lambda text: re.sub('"revision": "[0-9a-f]+', f'"revision": "{older}', text))
        with self.other.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{older}'")
            connection.exec_driver_sql('DROP TABLE post_search')
            connection.exec_driver_sql('CREATE TABLE post_search (words TEXT)')
        result = self.run_it(self.other, 'restore', self.file, '--overwrite')
        self.assertEqual(0, result.exit_code, result.output)
        self.assertEqual(self.rows(self.app), self.rows(self.other))

    def test_rows_that_are_missing_or_do_not_fit_are_taken_back(self):
        self.rewrite('tables/post.jsonl', lambda text: text.partition('\n')[2])
        self.restore('are not those that were kept')
        self.rewrite('tables/post.jsonl', lambda text: '[1]\n')
        self.restore('is no backup that this release can read')

    def test_without_room_in_the_middle(self):
        def fill_up(connection, cursor, statement, *rest):
            if 'INSERT INTO post ' in statement:
                raw = connection.connection.dbapi_connection
                raw.execute(f'PRAGMA max_page_count={raw.execute("PRAGMA page_count").fetchone()[0]}')
        with self.app.app_context():
            susan = db.session.scalars(sa.select(User)).first()
            db.session.add_all([Post(body='many words ' * 40, author=susan) for _ in range(1200)])
            db.session.commit()
        self.file.unlink()
        self.keep()
        sa.event.listen(sa.Engine, 'before_cursor_execute', fill_up)
        self.addCleanup(sa.event.remove, sa.Engine, 'before_cursor_execute', fill_up)
        self.restore('disk is full; nothing was changed')

    def test_into_a_database_without_tables(self):
        with self.other.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql('DELETE FROM alembic_version')
        self.restore('run "flask db upgrade" first')
        self.refused(self.other, 'backup', self.folder / 'b.zip', words='run "flask db upgrade" first')
