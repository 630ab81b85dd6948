"""Likes and reposts: once, exact whatever happens at one moment, and gone with what they are about."""
import sqlalchemy as sa

from app import db
from app.exceptions import Forbidden, NotFound
from app.models import Like, Post, User, Visibility
from app.services import accounts, blocks, counters, engagement, posts, reach
from tests.base import make_post
from tests.together import TogetherCase

MANY = 8


class EngagementCase(TogetherCase):
    def setUp(self):
        super().setUp()
        self.people = [self.person(f'user{number}') for number in range(MANY)]
        self.post, self.other = self.wrote('user0', 'words', 'more words')

    def numbers(self, id: int | None = None) -> tuple[int, int]:
        """Likes and reposts as the post has them; nothing else may be wrong."""
        with self.app.app_context():
            self.assertEqual([], [found for step in counters.check() for found in step])
            post = db.session.get(Post, id or self.post)
            return (post.likes_count, post.reposts_count) if post is not None else None

    def does(self, verb, number: int, id: int | None = None):
        """Let somebody do something to the post."""
        with self.app.app_context():
            found = verb(db.session.get(User, self.people[number]), db.session.get(Post, id or self.post))
            db.session.commit()
            return found.id


class Engagement(EngagementCase):
    def test_is_counted_once_and_taken_back_once(self):
        for verb, numbers in ((engagement.like, (1, 0)), (engagement.like, (1, 0)), (engagement.repost, (1, 1)),
                              (engagement.repost, (1, 1)), (engagement.unlike, (0, 1)), (engagement.unlike, (0, 1)),
                              (engagement.unrepost, (0, 0)), (engagement.unrepost, (0, 0))):
            self.does(verb, 1)
            self.assertEqual(numbers, self.numbers(), verb)

    def test_of_a_repost_is_of_the_original_and_ones_own_may_be_passed_on(self):
        self.does(engagement.repost, 0)
        repost = self.value(sa.select(Post.id).where(Post.repost_of_id == self.post))
        self.assertEqual(self.post, self.does(engagement.repost, 1, repost))
        self.assertEqual(self.post, self.does(engagement.like, 1, repost))
        self.assertEqual((1, 2), self.numbers())
        self.assertEqual(2, self.value(sa.select(User.posts_count).where(User.username == 'user0')))

    def test_only_what_is_public_is_passed_on(self):
        for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.MENTIONED):
            with self.app.app_context():
                id = make_post(self.find('user0'), 'words', visibility=visibility).id
            for number in (0, 1):
                with self.assertRaises((Forbidden, NotFound)):
                    self.does(engagement.repost, number, id)
            self.assertEqual((0, 0), self.numbers(id))

    def test_of_a_post_that_is_narrowed_goes_and_is_counted(self):
        for number in (0, 1, 2):
            self.does(engagement.repost, number)
        with self.app.app_context():
            reach.change(self.find('user0'), db.session.get(Post, self.post), Visibility.UNLISTED, 0)
            db.session.commit()
        self.run_tasks()
        self.assertEqual((0, 0), self.numbers())

    def test_of_a_post_that_was_hidden_a_moment_ago_finds_nothing(self):
        with self.app.app_context():
            user, post = db.session.get(User, self.people[1]), db.session.get(Post, self.post)
            blocks.block(self.find('user0'), user)
            with self.assertRaises(NotFound):
                engagement.like(user, post)
            db.session.rollback()

    def test_of_a_post_deleted_a_moment_ago_finds_nothing(self):
        for verb in (engagement.like, engagement.unlike, engagement.repost, engagement.unrepost):
            with self.app.app_context():
                user, post = db.session.get(User, self.people[1]), make_post(self.find('user0'))
                db.session.execute(sa.delete(Post).where(Post.id == post.id))
                with self.assertRaises(NotFound):
                    verb(user, post)
                db.session.rollback()

    def test_goes_with_the_account_and_with_the_post(self):
        for verb in (engagement.like, engagement.repost):
            self.does(verb, 1)
            self.does(verb, 2)
        with self.app.app_context():
            accounts.delete(db.session.get(User, self.people[1]))
            db.session.commit()
        self.assertEqual((1, 1), self.numbers())
        with self.app.app_context():
            posts.delete(self.find('user0'), db.session.get(Post, self.post))
            db.session.commit()
        self.run_tasks()
        self.assertEqual([0, 1], [self.rows(Like), self.rows(Post)])

    def test_goes_with_the_account_of_who_wrote_the_post(self):
        self.does(engagement.repost, 1)
        with self.app.app_context():
            accounts.delete(db.session.get(User, self.people[0]))
            db.session.commit()
        self.run_tasks()
        self.assertEqual(0, self.rows(Post))

    def test_rebuild_sets_the_numbers_right(self):
        self.does(engagement.like, 1)
        self.does(engagement.repost, 2)
        with self.app.app_context():
            db.session.execute(sa.update(Post).values(likes_count=7, reposts_count=9))
            db.session.commit()
            for _found in counters.rebuild():
                db.session.commit()
        self.assertEqual((1, 1), self.numbers())


class AtOneMoment(EngagementCase):
    def acts(self, *verbs) -> list:
        return [self.act(verbs[number % len(verbs)], (User, id), (Post, self.post))
                for number, id in enumerate(self.people)]

    def test_of_many_people_all_are_counted(self):
        self.assertEqual([], self.together(*self.acts(engagement.like, engagement.repost)))
        self.assertEqual((MANY // 2, MANY // 2), self.numbers())
        self.assertEqual([], self.together(*self.acts(engagement.unlike, engagement.unrepost)))
        self.assertEqual((0, 0), self.numbers())

    def test_of_one_person_many_clicks_are_one(self):
        once = [self.act(verb, (User, self.people[1]), (Post, self.post))
                for verb in (engagement.like, engagement.repost) for _click in range(MANY // 2)]
        self.assertEqual([], self.together(*once))
        self.assertEqual((1, 1), self.numbers())

    def test_with_the_end_of_the_post_leaves_nothing_behind(self):
        def delete(user, post):
            posts.delete(user, post)

        def answer(user, post):
            if db.session.get(Post, post.id, populate_existing=True) is None:
                raise NotFound('post')
            db.session.add(Post(body='answer', user_id=user.id, parent=post))
        acts = self.acts(engagement.like, engagement.repost, answer, engagement.like)
        acts[0] = self.act(delete, (User, self.people[0]), (Post, self.post))
        self.assertEqual([], self.together(*acts))
        self.run_tasks()
        self.assertIsNone(self.numbers())
        self.assertEqual(0, self.rows(Like))
        self.assertIsNone(self.value(sa.select(Post.id).where(Post.repost_of_id.is_not(None))))

    def test_with_the_end_of_those_who_do_it_stays_exact(self):
        for number in range(1, MANY):
            self.does(engagement.like, number)
            self.does(engagement.repost, number)

        def leave(user, post):
            accounts.delete(user)
        acts = self.acts(engagement.unlike, engagement.unrepost)
        acts[1::2] = [self.act(leave, (User, id), (Post, self.post)) for id in self.people[1::2]]
        self.assertEqual([], self.together(*acts))
        self.assertEqual((0, 0), tuple(number - left for number, left in zip(self.numbers(), self.left(), strict=True)))

    def left(self) -> tuple[int, int]:
        return self.rows(Like), self.value(sa.select(sa.func.count()).where(Post.repost_of_id == self.post))
