"""Muting people and conversations."""
from datetime import timedelta

import sqlalchemy as sa

from app import db
from app.models import Mute, Notification, Post, ThreadMute, User, utcnow
from app.services import mutes, tags, upkeep
from tests.base import make_post
from tests.relations.base import RelationCase
from tests.world import people_on, posts_on


class MuteCase(RelationCase):
    def mute(self, span: timedelta | None = None, hides: bool = True) -> None:
        """Susan mutes John."""
        with self.app.app_context():
            mutes.mute(self.find('susan'), self.find('john'), span, hides)
            db.session.commit()

    def muted(self) -> set[tuple[str, str]]:
        return self.pairs(Mute)


class Acts(MuteCase):
    def test_asks_for_how_long_and_again_changes_it(self):
        self.assertIn('href="/mute/john"', self.look('/user/john'))
        self.assertEqual('/user/john', self.susan.submit('/mute/john', span='hour').location)
        until, hides = self.row()
        self.assertAlmostEqual(3600, (until - utcnow()).total_seconds(), delta=60)
        self.assertFalse(hides)
        self.susan.submit('/mute/john', span='always', hides_notifications='y')
        self.assertEqual((None, True), self.row())
        self.assertIn('action="/unmute/john"', self.look('/user/john'))

    def test_is_offered_in_the_menu_of_posts_but_not_of_ones_own(self):
        theirs, own = *self.wrote('john', 'hello'), *self.wrote('susan', 'hello')
        for path in ('/explore', f'/post/{theirs}'):
            page = self.look(path)
            for act in ('mute', 'block'):
                self.assertIn(f'href="/{act}/john"', page, path)
                self.assertNotIn(f'href="/{act}/susan"', page, path)
                self.assertNotIn(f'href="/{act}/john"', self.visitor.get(path).text, path)
        self.assertNotIn('href="/mute/', self.look(f'/post/{own}'))

    def row(self) -> tuple:
        with self.app.app_context():
            return tuple(db.session.execute(sa.select(Mute.until, Mute.hides_notifications)).one())

    def test_is_ended_by_a_form_and_twice_is_once(self):
        self.mute()
        self.assertEqual(['john'], people_on(self.look('/settings/muted')))
        for _ in range(2):
            self.susan.submit('/unmute/john', page='/settings/muted', next='/settings/muted')
            self.assertEqual(set(), self.muted())
        self.assertIn('You have muted nobody', self.look('/settings/muted'))

    def test_refuses_get_strangers_oneself_nobody_and_nonsense(self):
        self.assertEqual(405, self.susan.get('/unmute/john').status_code)
        for path in ('/mute/john', '/unmute/john'):
            answer = self.visitor.submit(path, page='/auth/login', span='hour')
            self.assertTrue(answer.location.startswith('/auth/login'), path)
        self.assertEqual((403, 404, 200), (
            self.susan.submit('/mute/susan', page='/about', span='hour').status_code,
            self.susan.submit('/mute/nobody', page='/about', span='hour').status_code,
            self.susan.submit('/mute/john', span='century').status_code))
        self.assertEqual(set(), self.muted())


class Consequences(MuteCase):
    def setUp(self):
        super().setUp()
        self.follow('susan', 'john')
        self.person('mary')
        self.follow('susan', 'mary')
        self.theirs, = self.wrote('john', 'words of john')
        self.others, = self.wrote('mary', 'words of mary')

    def seen(self, path: str) -> list[int]:
        return posts_on(self.look(path))

    def test_leave_answers_out_of_threads_and_say_so_and_posts_out_of_tags(self):
        with self.app.app_context():
            root = db.session.get(Post, self.others)
            answer = make_post(self.find('john'), '#Moss', parent=root)
            below = make_post(self.find('mary'), 'below', parent=answer)
            beside = make_post(self.find('mary'), 'beside', parent=root)
            tags.note(answer)
            db.session.commit()
            answer, below, beside = answer.id, below.id, beside.id
        self.assertEqual([answer], self.seen('/tag/moss'))
        self.mute()
        self.assertEqual([], self.seen('/tag/moss'))
        for path, left, whole in ((f'/post/{self.others}', [], [answer, below]),
                                  (f'/post/{self.others}/thread', [below], [answer, below])):
            page = self.look(path)
            self.assertEqual({self.others, beside, *left}, set(posts_on(page)), path)
            self.assertIn('Replies by people whom you have muted are left out.', page)
            self.assertIn(f'href="{path}?muted=shown"', page)
            page = self.look(f'{path}?muted=shown')
            self.assertEqual({self.others, beside, *whole}, set(posts_on(page)), path)
            self.assertNotIn('are left out', page)
        self.assertEqual({self.others, answer, below}, set(self.seen(f'/post/{answer}')))

    def test_keep_posts_away_from_home_and_explore_but_not_from_their_page_and_search(self):
        self.mute()
        with self.app.app_context():
            db.session.add(Post(author=self.find('mary'), repost_of=db.session.get(Post, self.theirs)))
            db.session.commit()
        for path in ('/', '/explore'):
            self.assertEqual([self.others], self.seen(path), path)
        self.assertEqual([self.theirs], self.seen('/user/john'))
        self.assertEqual(2, len(self.seen('/search?q=words')))
        self.assertIn(self.theirs, posts_on(self.visitor.get('/explore').text))

    def test_end_when_the_time_is_over_and_go_then(self):
        self.mute(timedelta(hours=1))
        self.assertEqual([self.others], self.seen('/'))
        with self.app.app_context():
            db.session.execute(sa.update(Mute).values(until=utcnow() - timedelta(seconds=1)))
            db.session.commit()
        self.assertEqual([[self.others, self.theirs]] * 2, [self.seen('/'), self.seen('/explore')])
        self.assertEqual([], people_on(self.look('/settings/muted')))
        with self.app.app_context():
            upkeep.remove_expired()
            db.session.commit()
        self.assertEqual(0, self.rows(Mute))

    def test_keep_notifications_away_only_when_that_is_wanted(self):
        self.tell('mention', 'john')
        self.mute(hides=False)
        self.tell('like', 'john')
        self.assertEqual(2, self.value(sa.select(User.unread_notifications).where(User.username == 'susan')))
        self.mute()
        self.tell('repost', 'john')
        self.assertEqual((0, 4), (self.value(sa.select(User.unread_notifications).where(User.username == 'susan')),
                                  self.rows(Notification)))
        self.assertNotIn('/user/john', self.look().partition('<main')[2])


class Conversations(MuteCase):
    def test_are_told_of_no_more(self):
        with self.app.app_context():
            root = Post(author=self.find('susan'), body='words')
            db.session.add(root)
            db.session.commit()
            reply = Post(author=self.find('john'), body='words', parent=root)
            db.session.add(reply)
            db.session.commit()
            self.ids = root.id, reply.id
        root_id, reply_id = self.ids
        self.assertIn(f'action="/post/{root_id}/mute"', self.look(f'/post/{root_id}'))
        self.susan.submit(f'/post/{reply_id}/mute', page='/about')
        self.assertIn(f'action="/post/{root_id}/unmute"', self.look(f'/post/{root_id}'))
        self.susan.submit(f'/post/{root_id}/mute', page='/about')
        self.assertEqual(1, self.rows(ThreadMute))
        for kind, id in (('reply', reply_id), ('like', root_id)):
            self.tell(kind, 'john', post_id=id)
        self.assertEqual(0, self.rows(Notification))
        self.susan.submit(f'/post/{reply_id}/unmute', page='/about')
        self.tell('reply', 'john', post_id=reply_id)
        self.assertEqual((0, 1), (self.rows(ThreadMute), self.rows(Notification)))

    def test_refuse_get_strangers_and_what_one_may_not_read(self):
        id, = self.wrote('john', 'words')
        self.assertEqual((405, 405, 404), (
            self.susan.get(f'/post/{id}/mute').status_code, self.susan.get(f'/post/{id}/unmute').status_code,
            self.susan.submit('/post/7/mute', page='/about').status_code))
        self.assertTrue(self.visitor.submit(f'/post/{id}/mute', page='/auth/login').location.startswith('/auth/login'))
        self.block('susan', 'john')
        self.assertEqual(404, self.susan.submit(f'/post/{id}/mute', page='/about').status_code)
        self.assertEqual(0, self.rows(ThreadMute))
