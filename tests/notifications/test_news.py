"""What the script asks for: 204, or what changed."""
import time
from datetime import timedelta

import sqlalchemy as sa

from app import db
from app.models import Post, UserSession, first_id, utcnow
from app.services import messages
from tests.notifications.base import ToldCase


class NewsCase(ToldCase):
    def setUp(self):
        super().setUp()
        self.since = time.time()

    def ask(self, visitor=None, **query):
        """What the script asks, with the numbers that a page shows."""
        query = {'since': self.since, 'notifications': 0, 'messages': 0, **query}
        return (visitor or self.susan).get('/notifications', query_string=query)

    def news(self, **query) -> dict:
        """What changed, by its name; nothing when the answer is 204."""
        answer = self.ask(**query)
        if answer.status_code == 204:
            self.assertEqual(b'', answer.data)
            return {}
        self.assertEqual((200, 'application/json'), (answer.status_code, answer.mimetype))
        for item in answer.json:
            self.assertAlmostEqual(time.time(), item['timestamp'], delta=60)
        return {item['name']: item['data'] for item in answer.json}


class Numbers(NewsCase):
    def test_that_are_the_same_as_on_the_page_are_no_news(self):
        self.assertEqual({}, self.news())
        self.follow('john', 'susan')
        self.assertEqual({'unread_notification_count': 1}, self.news())
        self.assertEqual({}, self.news(notifications=1))
        self.assertEqual({'unread_notification_count': 1}, self.news(notifications=2))

    def test_of_messages_are_the_persons_own(self):
        self.change('susan', unread_messages=2)
        self.assertEqual({'unread_message_count': 2}, self.news())

    def test_are_news_to_the_tutorials_script_when_something_was_added(self):
        self.assertEqual([], self.as_in_the_tutorial(0))
        self.follow('john', 'susan')
        self.assertEqual([('unread_notification_count', 1)], self.as_in_the_tutorial(self.since))
        self.assertEqual([], self.as_in_the_tutorial(time.time()))
        self.write('john', 'susan')
        self.assertEqual([('unread_notification_count', 2), ('unread_message_count', 1)],
                         self.as_in_the_tutorial(self.since))
        self.susan.get('/send_message/john').close()
        self.assertEqual([('unread_notification_count', 1), ('unread_message_count', 0)],
                         self.as_in_the_tutorial(self.since))
        self.assertEqual([], self.as_in_the_tutorial(time.time()))

    def write(self, sender: str, recipient: str) -> None:
        with self.app.app_context():
            messages.send(self.find(sender), self.find(recipient), 'Tea?')
            db.session.commit()

    def as_in_the_tutorial(self, since: float) -> list[tuple]:
        with self.statements() as seen:
            answer = self.susan.get('/notifications', query_string={'since': since})
        self.assertEqual(1, len(seen), seen)
        self.assertEqual(204 if not answer.data else 200, answer.status_code)
        return [(item['name'], item['data']) for item in answer.json] if answer.data else []

    def test_are_for_nobody_who_is_not_logged_in(self):
        for visitor in (self.visitor, self.copy(self.susan, lambda cookie: cookie[:-3] + 'xxx')):
            self.assertEqual(401, self.ask(visitor).status_code)
        self.age(last_used_at=utcnow().replace(year=2020))
        self.assertEqual(401, self.ask().status_code)

    def test_are_for_nobody_who_is_suspended(self):
        self.change('susan', suspended_at=utcnow())
        self.assertEqual(401, self.ask().status_code)

    def test_on_a_closed_site_are_there_for_members(self):
        self.app.config['SITE_CLOSED'] = True
        self.addCleanup(self.app.config.update, SITE_CLOSED=False)
        self.assertEqual((204, 401), (self.ask().status_code, self.ask(self.visitor).status_code))
        with self.statements() as seen:
            self.ask()
        self.assertEqual(1, len(seen))

    def test_cost_one_statement_while_nothing_is_new(self):
        self.wrote('mary', 'whom Susan does not follow')
        self.age(last_used_at=utcnow().replace(microsecond=0))
        for query in ({}, {'posts': 0}, {'posts': 3, 'seen': '1,2'}):
            with self.statements() as seen:
                self.assertEqual({}, self.news(**query))
            self.assertEqual(1, len(seen), seen)
        with self.statements() as seen:
            self.ask(self.visitor)
        self.assertEqual(0, len(seen))

    def test_keep_no_session_alive(self):
        long_ago = utcnow() - timedelta(minutes=20)
        self.age(last_used_at=long_ago)
        self.ask().close()
        self.assertEqual(long_ago, self.value(sa.select(UserSession.last_used_at)))

    def test_of_no_moment_are_refused(self):
        for since in ('', 'x', 'nan', 'inf', '-1', '1e9', '9' * 13, '1_0', '١'):
            self.assertEqual(400, self.ask(since=since).status_code, since)


class NewPosts(NewsCase):
    def setUp(self):
        super().setUp()
        self.person('mary')
        self.follows('susan', 'john')

    def count(self, **query) -> int:
        data = self.news(**{'posts': 0, **query}).get('new_post_count')
        return data['count'] if data else 0

    def test_are_counted_when_somebody_followed_wrote_them(self):
        self.wrote('mary', 'not followed')
        self.assertEqual(0, self.count())
        ids = self.wrote('john', 'one', 'two')
        self.assertEqual({'count': 2, 'text': '2 new posts', 'ids': [str(id) for id in ids]},
                         self.news(posts=0)['new_post_count'])

    def test_are_not_looked_for_where_no_posts_are_listed(self):
        self.wrote('john', 'one')
        self.assertEqual({}, self.news())

    def test_are_said_once_and_added_up(self):
        first, = self.wrote('john', 'one')
        self.assertEqual(1, self.count())
        self.assertEqual(0, self.count(posts=1, seen=first))
        self.wrote('john', 'two')
        self.assertEqual(2, self.count(posts=1, seen=first))

    def test_of_the_last_seconds_are_found_though_they_are_older_than_the_page(self):
        late, too_late = (int(self.since * 1000 - ago) << 16 for ago in (9000, 10_500))
        self.wrote('john', 'committed late', id=late)
        self.wrote('john', 'seen on the page for sure', id=too_late)
        self.assertEqual((1, 0), (self.count(), self.count(seen=late)))

    def test_of_suspended_people_are_none(self):
        self.wrote('john', 'one')
        self.change('john', suspended_at=utcnow())
        self.assertEqual(0, self.count())

    def test_are_not_counted_without_end(self):
        self.wrote('john', *['words'] * 30)
        found = self.news(posts=0)['new_post_count']
        self.assertEqual((26, 'More than 25 new posts'), (found['count'], found['text']))
        self.assertEqual({}, self.news(posts=26))

    def test_are_found_after_a_long_sleep_among_many_of_others(self):
        with self.app.app_context():
            mary, john = self.id_of('mary'), self.id_of('john')
            start = first_id(utcnow())
            db.session.execute(sa.insert(Post.__table__).values(timestamp=utcnow()), [
                {'id': start + n, 'user_id': john if n == 4990 else mary, 'body': 'x', 'language': ''}
                for n in range(5000)])
            db.session.commit()
        self.assertEqual(1, self.count())
