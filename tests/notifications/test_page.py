"""The page with what somebody was told."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import db
from app.models import Notification, User, utcnow
from app.services import notifications
from tests.notifications.base import ToldCase, badge, rows_on
from tests.world import link

FOLLOWS = 'John &lt;b&gt; follows you'


class Page(ToldCase):
    def test_says_what_happened_and_leads_there(self):
        self.follow('john', 'susan')
        self.tell('message', 'john')
        self.tell('export')
        page = self.look()
        self.assertEqual([('The file with your data is ready', True), ('John &lt;b&gt; sent you a message', True),
                          (FOLLOWS, True)], rows_on(page))
        self.assertIn('Today', page)
        self.assertIn('<a class="when" href="/user/john">', page)
        self.assertIn('action="/follow/john"', page)  # back

    def test_needs_login_and_shows_only_ones_own(self):
        self.follow('john', 'susan')
        self.assertEqual(302, self.visitor.get('/notifications').status_code)
        self.assertEqual([], rows_on(self.look(visitor=self.log_in('john'))))

    def test_is_empty_in_words(self):
        page = self.look()
        self.assertIn('Nothing has happened yet', page)
        self.assertIsNone(badge(page))
        self.assertNotIn('Mark all as read', page)

    def test_shows_as_new_once_what_it_then_marks_as_read(self):
        self.follow('john', 'susan')
        self.assertEqual(1, badge(self.look('/about')))
        self.assertEqual([(FOLLOWS, True)], rows_on(self.look()))
        self.assertEqual([(FOLLOWS, False)], rows_on(self.look()))
        self.assertIsNone(badge(self.look('/about')))

    def test_marks_nothing_when_a_browser_fetches_it_in_advance_or_without_its_text(self):
        self.follow('john', 'susan')
        self.look(**{'Sec-Purpose': 'prefetch;prerender'})
        self.susan.client.head('/notifications').close()
        self.assertEqual(1, badge(self.look('/about')))

    def test_is_shown_though_nothing_could_be_noted(self):
        self.follow('john', 'susan')
        broken = mock.patch.object(notifications, 'lock_people', side_effect=OperationalError('', {}, Exception()))
        with broken, self.assertLogs(self.app.logger, 'WARNING') as log:
            self.assertEqual([(FOLLOWS, True)], rows_on(self.look()))
        self.assertIn('could not be noted', log.output[0])
        self.assertEqual(1, badge(self.look('/about')))

    def test_marks_what_it_shows_and_goes_on_page_by_page(self):
        for number in range(30):
            self.person(f'user{number:02}')
            self.tell('follow', f'user{number:02}')
        page = self.look()
        self.assertEqual((25, None), (len(rows_on(page)), link(page, 'prev')))
        self.assertEqual(5, badge(self.look('/about')))
        older = self.look(link(page, 'next'))
        self.assertEqual([(f'user{number:02} follows you', True) for number in range(4, -1, -1)], rows_on(older))
        self.assertIsNone(link(older, 'next'))
        self.assertEqual(25, len(rows_on(self.look(link(older, 'prev')))))

    def test_is_grouped_by_days(self):
        self.follow('john', 'susan')
        with self.app.app_context():
            db.session.execute(sa.update(Notification).values(created_at=utcnow() - timedelta(days=1)))
            db.session.commit()
        self.tell('export')
        page = self.look()
        self.assertLess(page.index('Today'), page.index('Yesterday</h2>'))

    def test_shows_nothing_of_suspended_people(self):
        self.follow('john', 'susan')
        self.change('john', suspended_at=utcnow())
        self.assertEqual([], rows_on(self.look()))

    def test_of_what_the_site_itself_says_names_the_cause(self):
        self.log_in('susan')  # with another browser
        self.assertEqual([('Something changed in your account. Was it you?', True)], rows_on(self.look()))
        self.assertIn('Logged in', self.look())
        self.assertIn('href="/settings/events"', self.look())


class MarkingAllAsRead(ToldCase):
    def test_works_and_twice_is_once(self):
        for _ in range(2):
            self.tell('message', 'john')
            self.tell('export')
            answer = self.susan.submit('/notifications/read', page='/about', follow=True)
            self.assertIn('All notifications are marked as read.', answer.text)
            self.assertIsNone(badge(self.look('/about')))
            self.susan.submit('/notifications/read', page='/about')
        self.assertEqual(0, self.value(sa.select(User.unread_notifications).where(User.username == 'susan')))

    def test_leaves_what_others_were_told(self):
        self.follow('susan', 'john')
        self.susan.submit('/notifications/read', page='/about')
        self.assertEqual(1, self.value(sa.select(User.unread_notifications).where(User.username == 'john')))


class Warnings(ToldCase):
    def test_come_for_a_browser_that_is_new_and_for_no_other(self):
        self.assertIsNone(badge(self.look('/about')))  # the first log-in of all
        self.susan.submit('/auth/logout', page='/about')
        self.susan.submit('/auth/login', username='susan', password='seven green bottles')
        self.assertIsNone(badge(self.look('/about')))
        self.log_in('susan')
        self.log_in('susan')
        self.assertEqual(1, badge(self.look('/about')))

    def test_come_for_a_new_password_and_never_for_failures_of_strangers(self):
        for _ in range(3):
            self.log_in('susan', 'wrong')
        self.assertIsNone(badge(self.look('/about')))
        self.susan.submit('/settings/password', current_password='seven green bottles', password='eight brown bottles',
                          password2='eight brown bottles')
        self.assertEqual(1, badge(self.look('/about')))
