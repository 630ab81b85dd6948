"""Migrations: from nothing to the models and back, with data in the tables, and by one process at a time."""
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

import config
from app import create_app, database, db
from app.models import (
    Avatar,
    Block,
    Conversation,
    Event,
    Export,
    ExportPart,
    FollowRequest,
    FormerUsername,
    HeldUsername,
    HiddenFromSearch,
    KeptMessage,
    Like,
    Mention,
    Message,
    MessageSetting,
    Mute,
    Notification,
    NotificationChoice,
    PrivateAccount,
    RateLimit,
    RefusedAddress,
    SearchProgress,
    SiteWords,
    Submission,
    Tag,
    Task,
    ThreadMute,
    UserSession,
    post_tag,
)
from tests.base import TestConfig, make_post, make_user
from tests.world import KIND, only_on

ROOT = Path(__file__).resolve().parent.parent
GIVEN = os.environ.get('TEST_DATABASE_URL')
NAME = f'migrations_{os.getpid()}'
BATCH = """'One more.'
import sqlalchemy as sa
from alembic import op

revision = 'aaaaaaaaaaaa'
down_revision = '{head}'


def upgrade():
    {upgrade}


def downgrade():
    pass
"""
COPY_USER = """with op.batch_alter_table('user', recreate='always') as batch:
        batch.add_column(sa.Column('motto', sa.String(40), nullable=True))"""
COUNT_LONG = """op.execute('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000) '
               'SELECT count(*) FROM n')"""
LOSE_PARENTS = """op.execute(sa.text('DELETE FROM "user"'))
    op.add_column('user', sa.Column('motto', sa.String(40), nullable=True))"""


class MigrationCase(unittest.TestCase):
    """A database of its own beside that of the other tests, and the command as a person types it."""

    connect_args: dict = {}

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.url = f'sqlite:///{self.folder}/app.db'
        if GIVEN:
            place = make_url(config.rewrite(GIVEN))
            self.operate(place, f'CREATE DATABASE {NAME}')
            self.addCleanup(self.operate, place, f'DROP DATABASE {NAME}')
            self.url = place.set(database=NAME).render_as_string(hide_password=False)
        self.engine = sa.create_engine(self.url, poolclass=sa.NullPool)

    def operate(self, place, statement: str) -> None:
        engine = sa.create_engine(place, isolation_level='AUTOCOMMIT', poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start `flask db ...` in a process of its own."""
        settings = {'PATH': os.environ['PATH'], 'HOME': str(self.folder), 'FLASK_APP': 'microblog.py',
                    'SECRET_KEY': 'k' * 40, 'DATABASE_URL': self.url, 'LOG_FOLDER': str(self.folder)}
        return subprocess.Popen([sys.executable, '-m', 'flask', 'db', *arguments], cwd=ROOT, env=settings,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def app(self):
        """The application on this database."""
        class Settings(TestConfig):
            SQLALCHEMY_DATABASE_URI = self.url
            SQLALCHEMY_ENGINE_OPTIONS = {'poolclass': sa.NullPool, 'connect_args': self.connect_args}
        return create_app(Settings)

    def flask_db(self, *arguments: str, folder: Path = ROOT / 'migrations', code: int = 0) -> str:
        """Run `flask db ...` to its end in this process; what it said."""
        handlers, level = logging.root.handlers[:], logging.root.level
        result = self.app().test_cli_runner().invoke(args=['db', *arguments, '--directory', str(folder)])
        logging.root.handlers[:] = handlers  # those of alembic.ini write where this command wrote
        logging.root.setLevel(level)
        said = f'{result.output}\n{result.exception or ""}'
        self.assertEqual(code, result.exit_code, said)
        return said

    def tables(self) -> set[str]:
        return {name for name in sa.inspect(self.engine).get_table_names() if not name.startswith('post_search_')}

    def count(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.engine.connect() as connection:
            return {table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
                    for table in db.metadata.sorted_tables}

    def fill(self) -> dict[str, int]:
        """Put something into every table; how many rows each has then."""
        with self.app().app_context():
            susan, john = make_user('susan', name='Süß 山', about_me='\U0001f600'), make_user('john')
            susan.follow(john)
            post = make_post(susan, 'Grüße \U0001f600')
            db.session.add_all([
                Avatar(user_id=susan.id, picture=b'\xff\x00', media_type='image/jpeg'),
                FormerUsername(username_key='sue', user_id=susan.id, reserved_until=post.timestamp),
                Mention(post_id=post.id, user_id=john.id, author_id=susan.id),
                Submission(user_id=susan.id, key='k', result_id=post.id), Task(name='x', user_id=susan.id),
                UserSession(token_hash='h', user_id=susan.id), Event(user_id=susan.id, kind='login'),
                HeldUsername(username_key='held', held_until=post.timestamp),
                RateLimit(bucket='LIMITER/x', hits=1, expires_at=post.timestamp),
                Notification(user_id=susan.id, kind='follow', actor_id=john.id),
                NotificationChoice(user_id=susan.id, kind='follow', site=True, mail=True)])
            export = Export(user_id=susan.id)
            db.session.add_all([export, RefusedAddress(email_key='nobody@example.com')])
            db.session.flush()
            db.session.add(ExportPart(export_id=export.id, run=2**40, number=0, content=b'\xff' * 100_000))
            message = Message(sender_id=susan.id, recipient_id=john.id, body='Grüße \U0001f600')
            db.session.add(message)
            db.session.flush()
            db.session.add_all([
                KeptMessage(owner_id=john.id, other_id=susan.id, message_id=message.id),
                Conversation(owner_id=john.id, other_id=susan.id, newest_id=message.id),
                MessageSetting(user_id=john.id)])
            tag = Tag(key='grüße')
            db.session.add_all([tag, Like(user_id=john.id, post_id=post.id)])
            db.session.flush()
            db.session.execute(sa.insert(post_tag).values(tag_id=tag.id, post_id=post.id))
            db.session.add_all([
                Block(blocker_id=susan.id, blocked_id=john.id), Mute(muter_id=susan.id, muted_id=john.id),
                ThreadMute(user_id=susan.id, root_id=post.id), PrivateAccount(user_id=susan.id),
                FollowRequest(asker_id=john.id, asked_id=susan.id)])
            db.session.add_all([HiddenFromSearch(user_id=susan.id), SearchProgress(name='x', position=1),
                                SiteWords(id=1)])
            db.session.commit()
        counts = self.count()
        self.assertEqual([], [name for name, number in counts.items() if not number and name != 'deleted_post'])
        return counts

    def copy_with(self, upgrade: str) -> Path:
        """A copy of the migrations with one more on top."""
        folder = self.folder / 'migrations'
        shutil.copytree(ROOT / 'migrations', folder, ignore=shutil.ignore_patterns('__pycache__'))
        head, = ScriptDirectory(str(folder)).get_heads()
        text = BATCH.format(head=head, upgrade=upgrade)
        (folder / 'versions' / 'aaaaaaaaaaaa_one_more.py').write_text(text)
        return folder


class UpAndDown(MigrationCase):
    def test_upgrading_an_empty_database_gives_what_the_models_say(self):
        self.flask_db('upgrade')
        self.assertEqual({*db.metadata.tables, 'alembic_version'}, self.tables())
        self.flask_db('check')

    def test_down_and_up_again_with_data_in_the_tables(self):
        self.flask_db('upgrade')
        self.fill()
        self.flask_db('downgrade', 'base')
        self.assertEqual({'alembic_version'}, self.tables())
        self.flask_db('upgrade')
        self.assertEqual(set(), {name for name, number in self.count().items() if number})
        self.fill()

    def test_upgrading_twice_changes_nothing(self):
        self.flask_db('upgrade')
        counts = self.fill()
        said = self.flask_db('upgrade')
        self.assertEqual(counts, self.count())
        self.assertNotIn('Looking whether', said)

    def test_two_upgrades_at_once_migrate_once(self):
        processes = [self.start('upgrade') for _ in range(3)]
        said = [process.communicate(timeout=90)[0] for process in processes]
        self.assertEqual([0, 0, 0], [process.returncode for process in processes], '\n'.join(said))
        self.assertEqual(1, sum('Running upgrade' in text for text in said), '\n'.join(said))
        self.fill()

    def test_there_is_one_head_and_every_migration_says_what_it_does(self):
        self.assertEqual(1, len(ScriptDirectory(str(ROOT / 'migrations')).get_heads()))
        for path in (ROOT / 'migrations' / 'versions').glob('*.py'):
            text = path.read_text()
            self.assertNotIn('### commands auto generated', text, path)
            self.assertIn('def downgrade():', text, path)

    def test_search_tables_are_left_out_of_the_check(self):
        self.flask_db('upgrade')
        with self.engine.begin() as connection:
            connection.exec_driver_sql('CREATE TABLE post_search_more (id BIGINT PRIMARY KEY)')
            connection.exec_driver_sql('ALTER TABLE post_search ADD COLUMN more INTEGER')
        self.assertNotIn('Detected added', self.flask_db('check'))

    @only_on('sqlite')  # where the check cannot look into what it is left out of
    def test_the_index_of_words_is_that_of_create_all(self):
        self.flask_db('upgrade')
        migrated = self.search_schema()
        self.assertIn('post_search_deleted', migrated)
        with self.app().app_context():
            db.drop_all()
            db.create_all()
        self.assertEqual(migrated, self.search_schema())

    def search_schema(self) -> dict[str, str]:
        with self.engine.connect() as connection:
            parts = "SELECT name, sql FROM sqlite_master WHERE name LIKE 'post_search_%'"
            rows = connection.exec_driver_sql(parts).all()
        return {name: ' '.join((sql or '').split()) for name, sql in rows}

    @only_on('sqlite', 'postgresql')  # the check does not look at conditions
    def test_the_conditions_of_indexes_are_those_of_create_all(self):
        self.flask_db('upgrade')
        migrated = self.conditions()
        self.assertIn('ix_post_root_id_id', migrated)
        with self.app().app_context():
            db.drop_all()
            db.create_all()
        self.assertEqual(migrated, self.conditions())

    def conditions(self) -> dict[str, str]:
        asked = ("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'post'"
                 if self.engine.dialect.name == 'sqlite' else
                 "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'post'")
        with self.engine.connect() as connection:
            parts = [(name, (sql or '').partition('WHERE')[2]) for name, sql in connection.exec_driver_sql(asked)]
        return {name: condition.strip(' ()') for name, condition in parts if condition}

    def test_a_difference_is_found_by_the_check(self):
        self.flask_db('upgrade')
        with self.engine.begin() as connection:
            connection.exec_driver_sql('DROP TABLE submission')
        self.assertIn('submission', self.flask_db('check', code=1))

    def test_the_sql_can_be_printed_for_an_operator(self):
        said = self.start('upgrade', '--sql').communicate(timeout=120)[0]
        self.assertIn('CREATE TABLE', said)
        self.assertEqual(set(), self.tables())

    def test_tables_made_by_create_all_are_the_same(self):
        with self.app().app_context():
            db.create_all()
        self.flask_db('stamp', 'head')
        self.assertNotIn('Detected added', self.flask_db('check'))


class LaterOnes(MigrationCase):
    """Migrations that are yet to come."""

    def setUp(self):
        super().setUp()
        self.flask_db('upgrade')
        self.counts = self.fill()

    @only_on('sqlite')  # which alone copies a table to change it
    def test_copying_the_table_of_people_anew_loses_no_child(self):
        self.flask_db('upgrade', folder=self.copy_with(COPY_USER))
        self.assertEqual(self.counts, self.count())
        self.assertIn('motto', {column['name'] for column in sa.inspect(self.engine).get_columns('user')})
        self.assertEqual(len(sa.inspect(self.engine).get_foreign_keys('post')), 1)
        self.fill_more()

    @only_on('sqlite')
    def test_a_long_statement_says_that_it_still_runs(self):
        folder = self.copy_with(COUNT_LONG)
        environment = folder / 'env.py'
        environment.write_text(environment.read_text().replace('PROGRESS_SECONDS = 5', 'PROGRESS_SECONDS = 0'))
        self.assertRegex(self.flask_db('upgrade', folder=folder), r'Still working: 0 s, [0-9]+ MB written')

    @only_on('sqlite')  # the servers keep foreign keys on
    def test_rows_without_parents_stop_it_before_the_commit(self):
        said = self.flask_db('upgrade', folder=self.copy_with(LOSE_PARENTS), code=1)
        self.assertIn('rows without their parents', said)
        self.assertEqual(self.counts, self.count())
        self.assertNotIn('motto', {column['name'] for column in sa.inspect(self.engine).get_columns('user')})
        self.assertNotEqual('aaaaaaaaaaaa', self.revision())

    @only_on('sqlite', 'postgresql')  # MariaDB commits each change of a table
    def test_one_that_fails_half_way_changes_nothing_where_the_database_can(self):
        fails = "op.add_column('user', sa.Column('motto', sa.String(40)))\n    op.execute('SELECT no FROM nowhere')"
        self.flask_db('upgrade', folder=self.copy_with(fails), code=1)
        self.assertEqual(self.counts, self.count())
        self.assertNotIn('motto', {column['name'] for column in sa.inspect(self.engine).get_columns('user')})
        self.flask_db('upgrade')

    def test_old_code_runs_on_a_schema_that_has_more(self):
        added = "op.add_column('user', sa.Column('motto', sa.String(40), nullable=True))"
        self.flask_db('upgrade', folder=self.copy_with(added))
        self.fill_more()
        self.assertNotEqual(self.counts, self.count())

    def test_old_code_starts_on_a_newer_schema_and_says_so(self):
        added = "op.add_column('user', sa.Column('motto', sa.String(40), nullable=True))"
        self.flask_db('upgrade', folder=self.copy_with(added))
        said = self.said('upgrade', code=0)
        self.assertIn('A newer release has brought the database up to date', said)
        self.assertEqual('aaaaaaaaaaaa', self.revision())
        self.flask_db('downgrade', code=1)  # how to undo it only the newer code knows
        self.assertEqual('aaaaaaaaaaaa', self.revision())

    def test_a_newer_schema_that_lacks_something_or_another_application_is_refused(self):
        self.flask_db('upgrade', folder=self.copy_with("op.drop_column('user', 'about_me')"))
        self.assertIn("Can't locate revision", self.said('upgrade', code=1))
        self.flask_db('downgrade', 'base', folder=self.folder / 'migrations')
        with self.engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('bbbbbbbbbbbb')")
        self.assertIn("Can't locate revision", self.said('upgrade', code=1))

    def said(self, *arguments: str, code: int) -> str:
        """What the command says in a process of its own."""
        process = self.start(*arguments)
        said = process.communicate(timeout=120)[0]
        self.assertEqual(code, process.returncode, said)
        return said

    def revision(self) -> str:
        with self.engine.connect() as connection:
            return connection.scalar(sa.text('SELECT version_num FROM alembic_version'))

    def fill_more(self) -> None:
        """The application goes on writing."""
        with self.app().app_context():
            make_post(make_user('mary'), 'after the migration')


class Lock(MigrationCase):
    """Somebody else has the lock: on SQLite a writer, on a server another migration."""

    taking = {'postgresql': 'SELECT pg_advisory_lock(7306911184)',
              'mysql': "SELECT GET_LOCK('microblog migrations', 1)"}

    def setUp(self):
        super().setUp()
        self.flask_db('upgrade')

    @contextmanager
    def locked(self):
        with self.engine.connect() as other:
            if KIND == 'sqlite':
                database.begin_immediate(other)
            else:
                other.exec_driver_sql(self.taking[KIND])
            yield
            other.rollback()

    def test_an_upgrade_says_that_it_waits_and_then_goes_on(self):
        with self.locked():
            process = self.start('upgrade')
            self.assertTrue(any('Another process writes to the database' in line for line in process.stdout))
        said = process.communicate(timeout=120)[0]
        self.assertEqual(0, process.returncode, said)

    def test_an_upgrade_gives_up_with_a_sentence(self):
        folder = self.copy_with('pass')
        env = folder / 'env.py'
        env.write_text(env.read_text().replace('WAIT_SECONDS = 60', 'WAIT_SECONDS = 2'))
        with self.locked():
            process = self.start('upgrade', '--directory', str(folder))
            said = process.communicate(timeout=120)[0]
        self.assertEqual(1, process.returncode, said)
        self.assertIn('another process has kept the database locked for 2 seconds', said)
        self.assertNotIn('Traceback', said)


@only_on('mysql')  # the others take back what was begun
class KilledHalfWay(MigrationCase):
    def test_an_upgrade_goes_on_over_what_a_killed_one_has_made(self):
        self.flask_db('upgrade')
        with self.engine.begin() as connection:
            connection.exec_driver_sql('DELETE FROM alembic_version')
            connection.exec_driver_sql('DROP TABLE submission')
            connection.exec_driver_sql('ALTER TABLE task DROP INDEX ix_task_state_run_after')
        self.flask_db('upgrade')
        self.assertNotIn('Detected added', self.flask_db('check'))
        self.fill()

    def test_a_downgrade_too(self):
        self.flask_db('upgrade')
        with self.engine.begin() as connection:
            connection.exec_driver_sql('DROP TABLE submission')
        self.flask_db('downgrade', 'base')
        self.assertEqual({'alembic_version'}, self.tables())


@only_on('mysql')
class Patience(MigrationCase):
    connect_args = {'read_timeout': 2, 'write_timeout': 2}

    def test_an_upgrade_waits_for_another_for_longer_than_a_page_may(self):
        with self.engine.connect() as other:
            other.execute(sa.text("SELECT GET_LOCK('microblog migrations', 1)"))
            release = threading.Timer(4, other.execute, [sa.text("SELECT RELEASE_LOCK('microblog migrations')")])
            release.start()
            self.flask_db('upgrade')
            release.join()
        self.assertIn('user', self.tables())
