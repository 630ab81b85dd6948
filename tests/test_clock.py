"""The clock is set back by an hour while the site runs: nothing breaks, and order stays."""
from datetime import UTC, datetime, timedelta
from unittest import mock

import sqlalchemy as sa

from app import db, tokens
from app.models import Task, User, UserSession, ids, utcnow
from app.tasks import enqueue, keeping
from tests.accounts import AccountCase
from tests.base import PASSWORD, make_user
from tests.tasks.test_runner import note, ran
from tests.world import posts_on

HOUR = timedelta(hours=1)


class Shifted(datetime):
    """A clock that goes wrong."""

    by = timedelta()

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + cls.by


class SetBack(AccountCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch('app.models.types.datetime', Shifted))
        self.enterContext(mock.patch('app.tokens.time', lambda: Shifted.now(UTC).timestamp()))
        self.addCleanup(setattr, ids, '_last', ids._last)
        self.set_clock(HOUR)
        self.addCleanup(self.set_clock, timedelta())

    def set_clock(self, by: timedelta) -> None:
        Shifted.by = by

    def test_ids_never_go_below_the_last(self):
        before = [ids.new_id() for _time in range(3)]
        self.set_clock(timedelta())
        after = [ids.new_id() for _time in range(3)]
        self.assertEqual(sorted(before + after), before + after)

    def test_posts_keep_the_order_in_which_they_were_written(self):
        susan = self.log_in('susan')
        for number in range(6):
            if number == 3:
                self.set_clock(timedelta())
            self.assertEqual(302, susan.submit('/', post=f'post {number}').status_code)
        self.assertEqual([f'post {number}' for number in range(6)], self.bodies())
        for path in ('/', '/explore', '/user/susan'):
            page = susan.get(path)
            self.assertEqual((200, sorted(posts_on(page.text), reverse=True)), (page.status_code, posts_on(page.text)))

    def test_people_stay_logged_in_and_can_log_in_and_out(self):
        susan = self.log_in('susan')
        self.set_clock(timedelta())
        self.assertTrue(self.is_in(susan))
        for path in ('/settings/sessions', '/user/susan', '/explore'):
            self.assertEqual(200, susan.get(path).status_code, path)
        other = self.new_visitor()
        self.assertEqual(302, other.submit('/auth/login', username='susan', password=PASSWORD).status_code)
        susan.submit('/auth/logout', page='/')
        self.assertEqual((False, True, 1), (self.is_in(susan), self.is_in(other), self.rows(UserSession)))

    def test_signed_links_stay_good_and_are_read(self):
        with self.app.app_context():
            token = make_user('susan').get_reset_password_token()
            self.set_clock(timedelta())
            self.assertEqual('susan', User.verify_reset_password_token(token).username)
            self.assertIsNotNone(tokens.read('reset_password', token))

    def test_tasks_from_before_run_at_once(self):
        ran.clear()
        with self.app.app_context():
            enqueue(note, word='tea')
            enqueue(note, word='cake', run_after=utcnow() + timedelta(minutes=10))
            db.session.commit()
            self.set_clock(timedelta())
            keeping.queue_periodic()
        self.run_tasks()
        self.assertEqual(['tea'], ran)
        with self.app.app_context():
            later = db.session.scalar(sa.select(Task.run_after).where(Task.name == 'note', Task.state == 'waiting'))
            self.assertAlmostEqual(600, (later - utcnow()).total_seconds(), delta=30)
