"""What watchers are told: alive, ready or not, and which part is weak."""
import json
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import db
from app.email import deliver
from app.migrating import is_pending, revisions
from app.models import Task, utcnow
from app.tasks import enqueue
from tests.world import LiveConfig, WorldCase

NEWEST = next(iter(set(revisions()) - set(revisions().values())))


class Gone(Exception):
    """What a driver raises."""

    sqlstate = '08006'


class HealthCase(WorldCase):
    """A site whose database has been migrated."""

    def setUp(self):
        super().setUp()
        with self.app.app_context(), db.engine.begin() as connection:
            connection.execute(sa.text('DROP TABLE IF EXISTS alembic_version'))
            connection.execute(sa.text('CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)'))
        self.stamp(NEWEST)
        self.enterContext(mock.patch('app.search.state', lambda: 'ok'))
        self.addCleanup(self.run_statement, 'DROP TABLE IF EXISTS alembic_version')

    def run_statement(self, statement: str) -> None:
        with self.app.app_context(), db.engine.begin() as connection:
            connection.execute(sa.text(statement))

    def stamp(self, *versions: str) -> None:
        self.run_statement('DELETE FROM alembic_version')
        for version in versions:
            self.run_statement(f"INSERT INTO alembic_version VALUES ('{version}')")

    def ready(self) -> tuple[int, dict]:
        self.app.extensions.pop('readiness', None)
        answer = self.visitor.get('/readyz')
        self.assertEqual(('application/json', 'no-store'), (answer.mimetype, answer.headers['Cache-Control']))
        return answer.status_code, answer.json


class Alive(HealthCase):
    def test_is_said_without_the_database(self):
        with self.statements() as seen:
            answer = self.visitor.get('/healthz')
        self.assertEqual((200, 'ok', []), (answer.status_code, answer.json['status'], seen))
        self.assertNotIn('Set-Cookie', answer.headers)

    def test_is_said_to_whoever_calls_the_host_by_its_number(self):
        for path in ('/healthz', '/readyz'):
            for host in ('10.0.0.7:5000', 'web-3', '[fd00::1]:80'):
                self.assertEqual(200, self.visitor.get(path, headers={'Host': host}).status_code, (path, host))
        self.assertEqual(400, self.visitor.get('/explore', headers={'Host': '10.0.0.7'}).status_code)


class Ready(HealthCase):
    def test_is_said_with_every_part(self):
        status, parts = self.ready()
        self.assertEqual((200, 'ok', 'ok', 'ok', 'off', 0), (
            status, parts['status'], parts['database'], parts['tasks'], parts['mail'], parts['oldest_task_seconds']))
        self.assertIn('search', parts)

    def test_costs_few_statements_and_for_two_seconds_none(self):
        self.app.extensions.pop('readiness', None)
        with self.statements() as seen:
            self.visitor.get('/readyz')
        self.assertLessEqual(len(seen), 4, seen)
        with self.statements() as seen:
            self.visitor.get('/readyz')
        self.assertEqual([], seen)

    def test_is_not_said_without_the_database(self):
        for fault in (OperationalError('SELECT', {}, Gone()), PoolTimeout()):
            with mock.patch('app.queries.site.db.session.scalars', side_effect=fault):
                self.assertEqual((503, {'status': 'unavailable', 'database': 'down'}), self.ready())
        self.assertEqual(200, self.ready()[0])

    def test_is_not_said_before_the_migrations(self):
        pending = (503, {'status': 'unavailable', 'database': 'pending'})
        self.stamp(revisions()[NEWEST])
        self.assertEqual(pending, self.ready())
        self.stamp()
        self.assertEqual(pending, self.ready())
        self.run_statement('DROP TABLE alembic_version')
        self.assertEqual(pending, self.ready())

    def test_is_said_while_newer_code_has_migrated_already(self):
        self.stamp('ffffffffffff')
        self.assertEqual(200, self.ready()[0])
        self.assertFalse(is_pending({NEWEST}))

    def test_a_backlog_makes_it_degraded(self):
        with self.app.app_context():
            enqueue(deliver, run_after=utcnow() - timedelta(minutes=10))
            enqueue(deliver, run_after=utcnow() + timedelta(minutes=10))
            db.session.commit()
        status, parts = self.ready()
        self.assertEqual((200, 'degraded', 'degraded'), (status, parts['status'], parts['tasks']))
        self.assertAlmostEqual(600, parts['oldest_task_seconds'], delta=60)

    def test_letters_that_are_not_taken_make_it_degraded(self):
        with self.app.app_context():
            enqueue(deliver, run_after=utcnow() + timedelta(minutes=10))
            db.session.execute(sa.update(Task).values(error='MailAway: no connection', attempts=1))
            db.session.commit()
        self.turn_mail_on()
        status, parts = self.ready()
        self.assertEqual((200, 'degraded', 'degraded', 'ok'), (
            status, parts['status'], parts['mail'], parts['tasks']))

    def test_search_that_is_down_makes_it_degraded(self):
        with mock.patch('app.search.state', lambda: 'down'):
            status, parts = self.ready()
        self.assertEqual((200, 'degraded', 'down'), (status, parts['status'], parts['search']))

    def test_tells_no_secret(self):
        said = json.dumps(self.ready()[1])
        for secret in (self.app.config['SECRET_KEY'], '://', '@', 'password', self.app.config['LOG_FOLDER']):
            self.assertNotIn(secret, said)


class Closed(HealthCase):
    class config(LiveConfig):
        SITE_CLOSED = True

    def test_sites_are_watched_too(self):
        self.assertEqual(200, self.visitor.get('/healthz').status_code)
        self.assertEqual(200, self.ready()[0])
