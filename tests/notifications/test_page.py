"""The page with what somebody was told."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import db
from app.models import Notification, Post, User, Visibility, utcnow
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
            self.tell('message', f'user{number:02}')
        page = self.look()
        self.assertEqual((25, None), (len(rows_on(page)), link(page, 'prev')))
        self.assertEqual(5, badge(self.look('/about')))
        older = self.look(link(page, 'next'))
        self.assertEqual([(f'user{number:02} sent you a message', True) for number in range(4, -1, -1)], rows_on(older))
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

    def test_tells_at_once_what_many_did_on_one_day(self):
        first, second = self.wrote('susan', 'Small joys', 'Large ones')
        for number in range(30):
            self.person(f'user{number:02}')
            self.tell('like', f'user{number:02}', post_id=first)
        self.tell('like', 'john', post_id=second)
        self.tell('repost', 'john', post_id=second)
        self.tell('repost', 'user02', post_id=second)
        for name in ('user01', 'user00'):
            self.tell('follow', name)
            self.tell('reply', name, post_id=self.wrote(name, 'words')[0])
        page = self.look()
        self.assertEqual([
            ('user00 replied to you', True), ('user00 and user01 follow you', True), ('user01 replied to you', True),
            ('user02 and John &lt;b&gt; reposted your post', True), ('John &lt;b&gt; liked your post', True),
            ('user29 and 29 others liked your post', True)], rows_on(page))
        self.assertIn(f'<a class="when" href="/post/{first}">', page)
        self.assertIn('dir="auto">Small joys</p>', page)
        self.assertIsNone(badge(self.look('/about')))

    def test_does_not_put_days_together_or_cut_an_entry_in_two(self):
        id, = self.wrote('susan', 'Small joys')
        for number in range(30):
            self.person(f'user{number:02}')
            self.tell('like', f'user{number:02}', post_id=id)
            self.tell('message', f'user{number:02}')
        self.assertEqual(25, len(rows_on(self.look())))
        self.assertEqual('user29 and 29 others liked your post', rows_on(self.look())[1][0])
        self.assertEqual([6, ('user05 sent you a message', True)], [
            len(rows_on(older := self.look(link(self.look(), 'next')))), rows_on(older)[0]])
        with self.app.app_context():
            old = sa.select(User.id).where(User.username < 'user29', User.username.like('user%'))
            db.session.execute(sa.update(Notification).where(Notification.actor_id.in_(old)).values(
                created_at=utcnow() - timedelta(days=1)))
            db.session.commit()
        self.assertIn(('user28 and 28 others liked your post', False), rows_on(self.look()))

    def test_forgets_what_was_told_of_a_deleted_post(self):
        id, = self.wrote('susan', 'words')
        self.tell('like', 'john', post_id=id)
        self.susan.submit(f'/post/{id}/delete')
        self.assertEqual((None, []), (badge(self.look('/about')), rows_on(self.look())))

    def test_shows_and_counts_nothing_of_posts_that_are_gone(self):
        id, = self.wrote('john', 'words')
        self.tell('mention', 'john', post_id=id)
        with self.app.app_context():
            db.session.delete(db.session.get(Post, id))
            db.session.execute(sa.update(Notification).values(created_at=utcnow() - timedelta(minutes=1)))
            db.session.commit()
        self.assertEqual((1, []), (badge(self.look('/about')), rows_on(self.look())))
        self.assertIsNone(badge(self.look('/about')))

    def test_shows_nothing_of_posts_that_are_not_for_the_reader_any_more(self):
        id, = self.wrote('john', 'words')
        for kind in ('mention', 'reply', 'like', 'repost'):
            self.tell(kind, 'john', post_id=id)
        self.assertEqual(4, len(rows_on(self.look())))
        with self.app.app_context():
            db.session.get(Post, id).visibility = Visibility.FOLLOWERS
            db.session.commit()
        self.assertEqual([], rows_on(self.look()))
        self.assertNotIn(str(id), self.susan.get('/notifications?since=0').text)

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
