"""A database that is locked, gone or refusing in the middle of a request: 503, nothing half-written, and then on."""
import os
import sqlite3
import tempfile
import time
from contextlib import contextmanager
from threading import Barrier, Thread, Timer
from unittest import mock

import sqlalchemy as sa

from app import create_app, db
from app.database import was_broken_off
from app.models import Post, User, rows_changed
from tests.base import hidden_fields
from tests.world import KIND, URL, LiveConfig, Outline, WorldCase, only_on

SECONDS = 9  # 5 are promised; whoever is not cut off waits for ever, and a busy machine is slow


class FaultCase(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        self.wrote('john', 'hello')
        self.fields = {**hidden_fields(self.susan.get('/').text), 'post': 'written in need'}

    def assert_pause(self, answer, began: float) -> None:
        """A page that asks to come back, in time, without a question to the database."""
        self.assertEqual((503, '5'), (answer.status_code, answer.headers.get('Retry-After')))
        self.assertLess(time.monotonic() - began, SECONDS)
        outline = Outline(answer.text)
        self.assertEqual(([], 1), (outline.faults, len(outline.all('h1'))))
        self.assertIn(answer.headers['X-Request-ID'], answer.text)

    def assert_works(self) -> None:
        """The next request works, and the same form makes one post."""
        self.assertEqual(302, self.susan.post('/', self.fields).status_code)
        self.assertEqual(['hello', 'written in need'], self.bodies())
        self.assertEqual(1, self.value(sa.select(User.posts_count).where(User.username == 'susan')))

    @contextmanager
    def logged(self):
        """The log has the reason, in one line, and nothing of what was typed."""
        with self.assertLogs(self.app.logger, 'WARNING') as log:
            yield
        text = '\n'.join(log.output)
        self.assertIn('The database does not answer', text)
        self.assertNotIn('written in need', text)
        self.assertNotIn('Traceback', text)


@only_on('sqlite')
class LockedFile(FaultCase):
    """Another process writes for longer than anybody waits."""

    def setUp(self):
        super().setUp()
        self.other = sqlite3.connect(URL.database, isolation_level=None)
        self.other.execute('BEGIN IMMEDIATE')

    def tearDown(self):
        if self.other.in_transaction:
            self.other.execute('ROLLBACK')
        self.other.close()
        super().tearDown()

    def test_reading_goes_on(self):
        began = time.monotonic()
        for path in ('/', '/explore', '/user/john', '/search?q=john', '/settings', '/edit_profile'):
            self.assertEqual(200, self.susan.get(path).status_code, path)
        self.assertLess(time.monotonic() - began, SECONDS)

    def test_writing_answers_503_and_works_afterwards(self):
        began = time.monotonic()
        with self.logged():
            answer = self.susan.post('/', self.fields)
        self.assert_pause(answer, began)
        self.assertIn('written in need</textarea>', answer.text)
        self.other.execute('ROLLBACK')
        self.assert_works()

    def test_noting_that_somebody_was_here_fails_into_the_log_only(self):
        self.other.execute("UPDATE user_session SET remember = 1, last_used_at = datetime('now', '-1 day')")
        self.other.execute('COMMIT')
        self.other.execute('BEGIN IMMEDIATE')
        with self.assertLogs(self.app.logger, 'WARNING') as log:
            answer = self.susan.get('/')
            answer.close()
        self.assertEqual(200, answer.status_code)
        self.assertIn('could not be noted', log.output[0])

    def test_waiting_a_moment_is_no_fault(self):
        self.other.close()
        self.other = sqlite3.connect(URL.database, isolation_level=None, check_same_thread=False)
        self.other.execute('BEGIN IMMEDIATE')
        timer = Timer(0.5, self.other.execute, ['ROLLBACK'])
        timer.start()
        self.assertEqual(302, self.susan.post('/', self.fields).status_code)
        timer.join()


@only_on('sqlite')
class BrokenFile(WorldCase):
    """The file is not there, or no database."""

    def test_answers_503_for_a_folder_that_went_away_and_works_when_it_is_back(self):
        with tempfile.TemporaryDirectory() as folder:
            class Elsewhere(LiveConfig):
                SQLALCHEMY_DATABASE_URI = f'sqlite:///{folder}/sub/app.db'
            os.mkdir(f'{folder}/sub')
            app = create_app(Elsewhere)
            with app.app_context():
                db.create_all()
                db.engine.dispose()
            os.rename(f'{folder}/sub', f'{folder}/away')
            with self.assertLogs(app.logger, 'ERROR'):
                self.assertEqual(503, app.test_client().get('/explore').status_code)
            os.rename(f'{folder}/away', f'{folder}/sub')
            self.assertEqual(200, app.test_client().get('/explore').status_code)
            with app.app_context():
                db.engine.dispose()

    def test_answers_pages_that_ask_nothing(self):
        class Nowhere(LiveConfig):
            SQLALCHEMY_DATABASE_URI = 'sqlite:////nowhere/at/all.db'
        app = create_app(Nowhere)
        for path, status in (('/about', 200), ('/auth/login', 200), ('/nowhere', 404), ('/explore', 503)):
            self.assertEqual(status, app.test_client().get(path).status_code, path)


class BrokenOff(FaultCase):
    """The connection ends in the middle of an act, after its first write."""

    def setUp(self):
        super().setUp()
        self.broken = 0

        def break_off(conn, cursor, statement, parameters, context, executemany):
            if statement.startswith('INSERT INTO post') and self.broken < self.times:
                self.broken += 1
                self.end(conn)
        self.times = 1
        with self.app.app_context():
            self.engine = db.engine
        sa.event.listen(self.engine, 'before_cursor_execute', break_off)
        self.addCleanup(sa.event.remove, self.engine, 'before_cursor_execute', break_off)

    def end(self, conn) -> None:
        """Let the server end this connection; on SQLite, let its next statement fail as on a broken disk."""
        if KIND == 'sqlite':
            raise sa.exc.OperationalError('INSERT', None, _disk_error())
        number = {'postgresql': 'SELECT pg_backend_pid()', 'mysql': 'SELECT connection_id()'}[KIND]
        kill = {'postgresql': 'SELECT pg_terminate_backend({})', 'mysql': 'KILL {}'}[KIND]
        raw = conn.connection.dbapi_connection.cursor()
        raw.execute(number)
        id = raw.fetchone()[0]
        with sa.create_engine(URL).connect() as killer:
            killer.exec_driver_sql(kill.format(id))
        time.sleep(0.1)

    def test_answers_503_writes_nothing_half_and_works_at_once(self):
        began = time.monotonic()
        with self.logged():
            answer = self.susan.post('/', self.fields)
        self.assertEqual(1, self.broken)
        self.assert_pause(answer, began)
        self.assertIn('written in need</textarea>', answer.text)
        self.assertEqual(['hello'], self.bodies())
        self.assertEqual(0, self.value(sa.select(User.posts_count).where(User.username == 'susan')))
        self.assert_works()


@only_on('postgresql', 'mysql')
class Server(FaultCase):
    """The server ends every connection of the pool, or takes no new ones for a while."""

    def act(self, *statements: str) -> list:
        """Run statements as the operator, from a database of their own."""
        place = URL.set(database='postgres' if KIND == 'postgresql' else 'mysql')
        engine = sa.create_engine(place, isolation_level='AUTOCOMMIT')
        with engine.connect() as operator:
            results = [operator.exec_driver_sql(statement) for statement in statements]
            rows = [result.fetchall() if result.returns_rows else [] for result in results]
        engine.dispose()
        return rows[-1]

    def end_all(self) -> None:
        """End every connection to the database of the test."""
        if KIND == 'postgresql':
            self.act(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{URL.database}'")
            return
        for (id,) in self.act(f"SELECT id FROM information_schema.processlist WHERE db = '{URL.database}'"):
            self.act(f'KILL {id}')

    def test_a_pool_of_dead_connections_is_noticed_by_nobody(self):
        for _time in range(2):
            self.end_all()
            for path in ('/', '/explore', '/nowhere'):
                self.assertLess(self.susan.get(path).status_code, 500, path)
        self.assert_works()

    def test_a_connection_that_is_lost_after_the_last_statement_spoils_no_page(self):
        about = self.app.view_functions['main.about']

        def read_and_lose_it():
            page = about() + str(db.session.scalar(sa.select(sa.func.count()).select_from(User)))
            self.end_all()
            return page
        self.app.view_functions['main.about'] = read_and_lose_it
        self.addCleanup(self.app.view_functions.__setitem__, 'main.about', about)
        self.assertEqual([200, 200], [self.susan.get('/about').status_code for _time in range(2)])
        self.assert_works()

    @only_on('postgresql')  # MariaDB cannot close one database only
    def test_a_server_that_takes_nobody_is_answered_with_503(self):
        self.act(f'ALTER DATABASE {URL.database} ALLOW_CONNECTIONS false')
        try:
            self.end_all()
            for path in ('/', '/explore', '/user/john'):
                began = time.monotonic()
                with self.logged():
                    self.assert_pause(self.susan.get(path), began)
            began = time.monotonic()
            with self.logged():
                self.assert_pause(self.susan.post('/', self.fields), began)
            self.assertEqual(200, self.visitor.get('/about').status_code)
            answer = self.susan.get('/explore', headers={'Accept': 'application/json'})
            self.assertEqual((503, 'application/json'), (answer.status_code, answer.mimetype))
        finally:
            self.act(f'ALTER DATABASE {URL.database} ALLOW_CONNECTIONS true')
        self.assert_works()

    def test_a_row_that_somebody_holds_too_long_is_answered_with_503(self):
        with sa.create_engine(URL).connect() as other:
            other.execute(sa.select(User.id).with_for_update()).fetchall()
            began = time.monotonic()
            with self.logged():
                self.assert_pause(self.susan.post('/', self.fields), began)
            self.assertEqual(200, self.susan.get('/').status_code)
        self.assert_works()


@only_on('postgresql', 'mysql')
class Unreachable(WorldCase):
    """No server at the address."""

    def test_answers_503_in_time(self):
        class Nowhere(LiveConfig):
            SQLALCHEMY_DATABASE_URI = URL.set(host='127.0.0.1', port=1).render_as_string(hide_password=False)
        app = create_app(Nowhere)
        began = time.monotonic()
        with self.assertLogs(app.logger, 'ERROR'):
            self.assertEqual(503, app.test_client().get('/explore').status_code)
        self.assertEqual(200, app.test_client().get('/about').status_code)
        self.assertLess(time.monotonic() - began, SECONDS)


class FullPool(WorldCase):
    """Every connection is taken."""

    def test_answers_503_and_works_once_one_is_free(self):
        with self.app.app_context():
            options = {**self.app.config['SQLALCHEMY_ENGINE_OPTIONS'], 'pool_size': 1, 'max_overflow': 0}
            options['pool_timeout'] = 0.2

        class Small(LiveConfig):
            SQLALCHEMY_ENGINE_OPTIONS = options
        app = create_app(Small)
        with app.app_context():
            held = db.engine.connect()
        with self.assertLogs(app.logger, 'ERROR'):
            answer = app.test_client().get('/explore')
        self.assertEqual((503, '5'), (answer.status_code, answer.headers.get('Retry-After')))
        held.close()
        self.assertEqual(200, app.test_client().get('/explore').status_code)
        with app.app_context():
            db.engine.dispose()


class OwnFault(FaultCase):
    """A fault of our own in SQL is no pause."""

    def test_answers_500_with_the_traceback_in_the_log(self):
        self.let_about(lambda: db.session.execute(sa.text('SELECT nothing FROM nowhere')))
        with self.assertLogs(self.app.logger, 'ERROR') as log:
            answer = self.susan.get('/about')
        self.assertEqual(500, answer.status_code)
        self.assertIn('Traceback', log.output[0])
        self.assertNotIn('nowhere', answer.text)
        self.assertEqual(200, self.susan.get('/').status_code)
        self.assertEqual(1, self.rows(Post))

    def test_keeps_what_is_in_a_refused_row_out_of_the_log(self):
        for name, key in (('susan', 'susan'), ('other', 'another')):  # taken; not the key of the name
            self.let_about(lambda name=name, key=key: db.session.execute(sa.insert(User).values(
                username=name, username_key=key, email='private@example.com', email_key='private@example.com',
                password_hash='a hash')))
            with self.assertLogs(self.app.logger, 'ERROR') as log:
                self.assertEqual(500, self.susan.get('/about').status_code)
            self.assertIn('IntegrityError' if name == 'susan' else 'ck_user_username', log.output[0])
            for secret in ('private@', 'a hash', "'susan'", '(susan)'):
                self.assertNotIn(secret, log.output[0])

    def let_about(self, act) -> None:
        """Do something else where the page about the site is asked for, until the test ends."""
        page = mock.patch.dict(self.app.view_functions, {'main.about': act})
        page.start()
        self.addCleanup(page.stop)


def _disk_error() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError('disk I/O error')
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return error


@only_on('postgresql', 'mysql')
class DeadlockInSavepoint(WorldCase):
    """Two acts lock two rows crosswise; the one that is given up loses its savepoint with its transaction."""

    def test_is_known_as_broken_off(self):
        first, second = self.person('susan'), self.person('john')
        barrier, errors = Barrier(2), []

        def act(*ids):
            with self.app.app_context():
                try:
                    for id in ids:
                        with db.session.begin_nested():
                            rows_changed(sa.update(User).where(User.id == id).values(about_me='x'))
                        if id == ids[0]:
                            barrier.wait(timeout=60)
                    db.session.commit()
                except sa.exc.DBAPIError as error:
                    errors.append(error)
                    db.session.rollback()
        threads = [Thread(target=act, args=ids) for ids in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([True], [was_broken_off(error) for error in errors], errors)
