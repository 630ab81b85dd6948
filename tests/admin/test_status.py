"""The page for those who run the site."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from app import db, email
from app.models import Task, utcnow
from tests.admin.test_health import HealthCase
from tests.base import make_user


class Status(HealthCase):
    def setUp(self):
        super().setUp()
        with self.app.app_context():
            make_user('root', is_admin=True)
        self.admin = self.log_in('root')

    def test_is_for_admins_and_nobody_else_hears_of_it(self):
        self.assertEqual(200, self.admin.get('/admin/status').status_code)
        self.assertEqual(404, self.log_in('susan').get('/admin/status').status_code)
        self.assertEqual(302, self.visitor.get('/admin/status').status_code)
        self.assertIn('/admin/status', self.admin.get('/settings').text)
        self.assertNotIn('/admin/status', self.log_in('susan').get('/settings').text)

    def test_ends_with_the_right(self):
        self.change('root', is_admin=False)
        self.assertEqual(404, self.admin.get('/admin/status').status_code)

    def test_says_what_waits_and_what_was_given_up(self):
        with self.app.app_context():
            db.session.add_all([
                Task(name='confirm_email', arguments={'secret': 'tea'}, run_after=utcnow() - timedelta(minutes=5)),
                Task(name='fetch_picture', state='failed', attempts=3, error='<b>GravatarUnavailable', arguments={},
                     finished_at=utcnow())])
            email.remember(['gone@example.com'])
            db.session.commit()
        page = self.admin.get('/admin/status').text
        for part in ('>1 task<', 'Work waits for longer than it should', 'fetch_picture', '3 tries',
                     '&lt;b&gt;GravatarUnavailable', 'Not set up', 'Microblog', 'GB'):
            self.assertIn(part, page)
        for part in ('tea', 'gone@example.com', self.app.config['SECRET_KEY'], 'run &#34;flask db upgrade'):
            self.assertNotIn(part, page)

    def test_says_when_the_database_is_behind(self):
        self.stamp()
        self.assertIn('flask db upgrade', self.admin.get('/admin/status').text)

    def test_costs_few_statements(self):
        with self.statements() as seen:
            self.admin.get('/admin/status')
        self.assertLessEqual(len(seen), 6, seen)

    def test_names_who_does_the_work(self):
        for settings, words in (({'TASK_THREADS': 2}, 'Threads of the web server'),
                                ({'TASK_THREADS': 0}, 'flask tasks run'),
                                ({'CELERY_BROKER_URL': 'redis://h'}, 'Workers of Celery')):
            with self.subTest(settings), self.settings(**settings):
                self.assertIn(words, self.admin.get('/admin/status').text)

    def settings(self, **values):
        return mock.patch.dict(self.app.config, values)

    def test_counts_are_those_of_the_rows(self):
        with self.app.app_context():
            db.session.add_all([Task(name='x', state=state, arguments={}) for state in ('running', 'done', 'failed')])
            db.session.commit()
            self.assertEqual(3, db.session.scalar(sa.select(sa.func.count()).select_from(Task)))
        self.assertEqual(2, self.admin.get('/admin/status').text.count('>1 task<'))
