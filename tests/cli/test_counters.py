"""`flask counters`: finding and mending numbers that are not those of the rows, also while people write."""
from threading import Thread

import sqlalchemy as sa

from app import db
from app.models import Conversation, Post, User
from app.services import counters, messages, posts
from tests.base import make_post
from tests.world import WorldCase

NUMBERS = (User.posts_count, User.followers_number, User.following_number)


class Counters(WorldCase):
    def setUp(self):
        super().setUp()
        self.wrote('susan', 'one', 'two', 'three')
        self.person('john')
        self.person('mary')
        self.follows('susan', 'john', 'mary')
        self.follows('john', 'susan')

    def run_it(self, *arguments):
        return self.app.test_cli_runner().invoke(args=['counters', *arguments])

    def numbers(self, username: str) -> tuple:
        with self.app.app_context():
            return tuple(db.session.execute(sa.select(*NUMBERS).where(User.username == username)).one())

    def test_right_ones_are_found_right(self):
        result = self.run_it('check')
        self.assertEqual((0, 'All counters are right.\n'), (result.exit_code, result.output))

    def test_wrong_ones_are_named_and_set_right(self):
        self.change('susan', posts_count=7, followers_number=0)
        self.change('mary', following_number=2, unread_notifications=4)
        result = self.run_it('check')
        self.assertEqual(1, result.exit_code)
        self.assertIn('susan: posts_count is 7, but there are 3', result.output)
        self.assertIn('susan: followers_number is 0, but there are 1', result.output)
        self.assertIn('mary: following_number is 2, but there are 0', result.output)
        self.assertIn('mary: unread_notifications is 4, but there are 0', result.output)
        self.assertIn('flask counters rebuild', result.output)
        self.assertIn('4 counters were wrong, and are right now.', self.run_it('rebuild').output)
        self.assertEqual([(3, 1, 2), (0, 1, 1), (0, 1, 0)], [self.numbers(name) for name in ('susan', 'john', 'mary')])
        self.assertEqual(0, self.run_it('check').exit_code)

    def test_what_is_unread_of_messages_too_and_of_each_conversation(self):
        with self.app.app_context():
            susan, john, mary = (self.find(name) for name in ('susan', 'john', 'mary'))
            for sender, words in ((john, 'one'), (john, 'two'), (mary, 'three')):
                messages.send(sender, susan, words)
                db.session.commit()
        self.assertEqual(0, self.run_it('check').exit_code)
        with self.app.app_context():
            db.session.execute(sa.update(Conversation).where(Conversation.unread == 2).values(unread=9))
            db.session.commit()
        self.assertIn('susan: conversation.unread is 9, but there are 2', self.run_it('check').output)
        self.change('susan', unread_messages=0)
        self.assertIn('susan: unread_messages is 0, but there are 3', self.run_it('check').output)
        self.assertIn('2 counters were wrong, and are right now.', self.run_it('rebuild').output)
        self.assertEqual((0, 3), (self.run_it('check').exit_code, self.value(
            sa.select(User.unread_messages).where(User.username == 'susan'))))

    def test_those_of_posts_too(self):
        with self.app.app_context():
            parent, *_others = db.session.scalars(sa.select(Post).order_by(Post.id))
            make_post(self.find('john'), 'an answer', parent=parent)
            make_post(self.find('john'), 'not for all', parent=parent, visibility=2)
            make_post(self.find('mary'), repost_of=parent)
            id = parent.id
        self.assertEqual(0, self.run_it('check').exit_code)
        with self.app.app_context():
            db.session.execute(sa.update(Post).where(Post.id == id).values(replies_count=5, reposts_count=0))
            db.session.commit()
        said = self.run_it('check').output
        self.assertIn(f'post {id}: replies_count is 5, but there are 1', said)
        self.assertIn(f'post {id}: reposts_count is 0, but there are 1', said)
        self.assertIn('2 counters were wrong, and are right now.', self.run_it('rebuild').output)
        self.assertEqual(0, self.run_it('check').exit_code)

    def test_everybody_is_looked_at_however_few_at_a_time(self):
        with self.app.app_context():
            db.session.execute(sa.update(User).values(posts_count=9))
            db.session.commit()
        counters.AT_ONCE, kept = 1, counters.AT_ONCE
        self.addCleanup(setattr, counters, 'AT_ONCE', kept)
        self.assertIn('3 counters were wrong', self.run_it('rebuild').output)

    def test_a_rebuild_loses_nothing_that_is_written_meanwhile(self):
        def write():
            with self.app.app_context():
                for number in range(15):
                    susan = db.session.scalar(sa.select(User).where(User.username == 'susan').with_for_update())
                    posts.publish(susan, f'post {number}', f'key {number}')
                    db.session.commit()
        writer = Thread(target=write)
        writer.start()
        while writer.is_alive():
            self.assertEqual(0, self.run_it('rebuild').exit_code)
        writer.join()
        self.assertEqual(18, self.numbers('susan')[0])
        self.assertEqual(0, self.run_it('check').exit_code)

    def test_help_says_what_each_does(self):
        for arguments in ((), ('check',), ('rebuild',)):
            result = self.run_it(*arguments, '--help')
            self.assertEqual(0, result.exit_code)
            self.assertIn('counters', result.output)
