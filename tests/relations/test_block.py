"""Blocking: neither sees the other, nothing tells them, and it can be ended."""
import sqlalchemy as sa

from app import db
from app.models import FollowRequest, Notification, Post, followers
from app.services import messages, notifications, replies
from tests.relations.base import RelationCase
from tests.world import people_on, posts_on


class Acts(RelationCase):
    def test_asks_once_more_then_blocks_and_twice_is_once(self):
        self.assertIn('href="/block/john"', self.look('/user/john'))
        page = self.look('/block/john')
        self.assertIn('Block John &lt;b&gt;', page)
        self.assertEqual(set(), self.blocked())
        for _ in range(2):
            self.assertEqual('/user/john', self.susan.submit('/block/john').location)
            self.assertEqual({('susan', 'john')}, self.blocked())
        page = self.look('/user/john')
        self.assertIn('You have blocked John', page)
        self.assertIn('action="/unblock/john"', page)
        self.assertNotIn('/follow/john', page)

    def test_is_ended_by_a_form_and_twice_is_once(self):
        self.block('susan', 'john')
        for _ in range(2):
            self.susan.submit('/unblock/john', page='/user/john')
            self.assertEqual(set(), self.blocked())
        self.assertIn('action="/follow/john"', self.look('/user/john'))

    def test_refuses_get_strangers_oneself_and_nobody(self):
        self.assertEqual(405, self.susan.get('/unblock/john').status_code)
        for path in ('/block/john', '/unblock/john'):
            answer = self.visitor.submit(path, page='/auth/login')
            self.assertTrue(answer.location.startswith('/auth/login'), path)
        self.assertEqual((403, 404), (self.susan.get('/block/susan').status_code,
                                      self.susan.get('/block/nobody').status_code))
        self.assertEqual(403, self.susan.submit('/block/susan', page='/about').status_code)
        self.assertEqual(set(), self.blocked())

    def test_is_not_mutual(self):
        self.block('susan', 'john')
        self.assertEqual(404, self.john.submit('/block/susan', page='/about').status_code)
        self.assertEqual(404, self.john.submit('/unblock/susan', page='/about').status_code)
        self.assertEqual({('susan', 'john')}, self.blocked())


class Consequences(RelationCase):
    def test_ends_follows_and_requests_and_removes_what_was_told(self):
        self.follow('susan', 'john')
        self.follow('john', 'susan')
        self.person('mary')
        self.follow('mary', 'susan')
        with self.app.app_context():
            db.session.add_all([FollowRequest(asker_id=self.susan_id, asked_id=self.john_id),
                                FollowRequest(asker_id=self.john_id, asked_id=self.susan_id)])
            messages.send(self.find('susan'), self.find('john'), 'hello')
            messages.send(self.find('john'), self.find('susan'), 'hello')
            db.session.commit()
        self.block('susan', 'john')
        self.assertEqual(({('mary', 'susan')}, 0, 1), (
            self.pairs(followers), self.rows(FollowRequest), self.rows(Notification)))
        self.assert_counted()
        self.unblock('susan', 'john')
        self.assertEqual({('mary', 'susan')}, self.pairs(followers))
        self.assert_counted()

    def test_nothing_is_told_of_each_other_any_more(self):
        self.block('susan', 'john')
        for kind in ('like', 'mention', 'message'):
            self.tell(kind, 'john')
            self.tell(kind, 'susan', username='john')
        self.assertEqual(0, self.rows(Notification))
        self.person('mary')
        with self.app.app_context():
            people = [self.find(name).id for name in ('john', 'mary')]
            notifications.tell_all(people, 'mention', actor_id=self.susan_id)
            db.session.commit()
        self.assertEqual(1, self.rows(Notification))

    def test_both_may_not_follow_or_write_any_more(self):
        self.block('susan', 'john')
        self.assertEqual(403, self.susan.submit('/follow/john', page='/about').status_code)
        self.assertEqual(404, self.john.submit('/follow/susan', page='/about').status_code)
        for visitor, path in ((self.susan, '/send_message/john'), (self.john, '/send_message/susan')):
            self.assertEqual(404, visitor.submit(path, page='/about', message='hello').status_code)
        self.assertEqual(set(), self.pairs(followers))


class Pages(RelationCase):
    """What each of the two finds of the other, with the same pages of a person who does not exist beside."""

    def setUp(self):
        super().setUp()
        self.follow('susan', 'john')
        self.follow('john', 'susan')
        self.person('mary')
        for name in ('susan', 'john'):
            self.follow('mary', name)
            self.follow(name, 'mary')
            self.wrote(name, f'words of {name}')
        with self.app.app_context():
            for one, other in (('susan', 'john'), ('john', 'susan')):
                self.id = messages.send(self.find(one), self.find(other), 'hello').id
            db.session.commit()

    def statuses(self, visitor, other: str) -> list[int]:
        paths = ['/user/{}', '/@{}', '/user/{}/popup', '/user/{}/followers', '/user/{}/following', '/send_message/{}',
                 '/block/{}', '/mute/{}', '/send_message/{}/delete']
        return [visitor.get(path.format(other)).status_code for path in paths]

    def test_answer_who_is_blocked_as_for_somebody_missing(self):
        self.block('susan', 'john')
        self.assertEqual(self.statuses(self.john, 'nobody'), self.statuses(self.john, 'susan'))
        missing, blocked = (self.john.get(f'/user/{name}').text for name in ('nobodi', 'susan'))
        self.assertEqual(*(page.replace('nobodi', 'susan').split('<main')[1].split('<code>')[0]
                           for page in (missing, blocked)))

    def test_answer_who_blocked_with_the_profile_only(self):
        self.block('susan', 'john')
        self.assertEqual([200, 404, 404, 404, 404, 404, 200, 200, 404], self.statuses(self.susan, 'john'))
        self.assertEqual(200, self.visitor.get('/user/john').status_code)

    def test_show_neither_to_the_other_and_both_to_everybody_else(self):
        mary = self.log_in('mary')
        self.block('susan', 'john')
        for visitor, other in ((self.susan, 'john'), (self.john, 'susan')):
            self.assertEqual([404, 404], [visitor.get(f'/messages/{self.id}/delete').status_code,
                                          visitor.get(f'/user/{other}/popup').status_code])
            for path in ('/', '/explore', '/search?q=words', f'/search?q={other}', '/search?q=jo&show=people',
                         '/user/mary/followers', '/user/mary/following', '/messages', '/messages/requests',
                         '/notifications', f'/search?q=words+from:{other}'):
                page = visitor.get(path).text.partition('<main')[2]
                self.assertNotIn(f'/user/{other}', page, path)
                self.assertNotIn(f'words of {other}', page, path)
        for visitor in (mary, self.visitor):
            page = visitor.get('/explore').text
            self.assertIn('words of susan', page)
            self.assertIn('words of john', page)
        self.assertEqual(['susan', 'john'][::-1], people_on(mary.get('/user/mary/followers').text))

    def test_name_neither_where_somebody_else_answers_or_names_them(self):
        with self.app.app_context():
            post = db.session.scalar(sa.select(Post).where(Post.body == 'words of john'))
            answer = replies.reply(self.find('mary'), post, '@john Yes, #moss.')
            db.session.commit()
            paths = [f'/post/{answer.id}', f'/post/{answer.id}/thread', '/user/mary', '/tag/moss', '/search?q=moss']
        mary = self.log_in('mary')
        for path in paths:
            page = self.look(path)
            self.assertIn('href="/user/john"', page, path)
            self.assertEqual(path != f'/post/{answer.id}', 'In reply to' in page, path)
        self.block('john', 'susan')
        for path in paths:
            page = self.look(path).partition('<main')[2]
            self.assertIn('@john', page, path)  # as Mary wrote it
            self.assertNotIn('/user/john', page, path)
            self.assertNotIn('In reply to', page, path)
            self.assertIn('href="/user/john"', mary.get(path).text, path)

    def test_come_back_when_it_is_ended(self):
        self.block('susan', 'john')
        self.unblock('susan', 'john')
        self.assertEqual(200, self.john.get('/user/susan').status_code)
        self.assertEqual(200, self.john.get('/send_message/susan').status_code)
        self.assertEqual(2, len(posts_on(self.look('/explore'))))


class List(RelationCase):
    def test_shows_whom_one_has_blocked_page_by_page(self):
        for number in range(27):
            self.person(f'user{number:02}')
            self.block('susan', f'user{number:02}')
        page = self.look('/settings/blocked')
        self.assertEqual([f'user{number:02}' for number in range(26, 1, -1)], people_on(page))
        self.assertEqual(['user01', 'user00'], people_on(self.look(
            '/settings/blocked' + page.split('href="/settings/blocked')[1].split('"')[0])))
        self.assertIn('You have blocked nobody', self.look('/settings/blocked', self.john))
        self.susan.submit('/unblock/user26', page='/settings/blocked', next='/settings/blocked')
        self.assertEqual('user25', people_on(self.look('/settings/blocked'))[0])
