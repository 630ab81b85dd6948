"""The tutorial's model API, line by line as in its shell sessions and tests, in both of its editions."""
from datetime import UTC, datetime, timedelta

from app import db
from app.models import Post, User
from tests.base import AppTestCase


class TutorialAPI(AppTestCase):
    def setUp(self):
        super().setUp()
        self.context = self.app.app_context()
        self.context.push()

    def tearDown(self):
        db.session.remove()
        self.context.pop()
        super().tearDown()

    def make(self, *names):
        users = [User(username=name, email=f'{name}@example.com') for name in names]
        db.session.add_all(users)
        db.session.commit()
        return users

    def test_a_password_is_checked_against_its_hash(self):
        user = User(username='susan', email='susan@example.com')
        user.set_password('cat with a hat')
        self.assertFalse(user.check_password('dog'))
        self.assertTrue(user.check_password('cat with a hat'))
        self.assertNotIn('cat', user.password_hash)

    def test_an_account_without_password_lets_nobody_in(self):
        self.assertFalse(User(username='susan', email='susan@example.com').check_password(''))

    def test_a_picture_has_an_address_of_this_site(self):
        susan, = self.make('susan')
        self.assertEqual(f'/avatar/{susan.id}/128?v=0', susan.avatar(128))

    def test_two_people_are_not_the_same_one(self):
        john, susan = self.make('john', 'susan')
        self.assertEqual((True, False, False), (john == db.session.get(User, john.id), john == susan, susan in [john]))

    def test_following_is_counted_once_and_undone(self):
        john, susan = self.make('john', 'susan')
        self.assertEqual([], db.session.scalars(john.following.select()).all())
        for _again in range(2):
            john.follow(susan)
            db.session.commit()
            self.assertTrue(john.is_following(susan))
            self.assertEqual((1, 0), (john.following_count(), john.followers_count()))
            self.assertEqual((0, 1), (susan.following_count(), susan.followers_count()))
        self.assertEqual([susan], db.session.scalars(john.following.select()).all())
        self.assertEqual([john], db.session.scalars(susan.followers.select()).all())
        for _again in range(2):
            john.unfollow(susan)
            db.session.commit()
            self.assertFalse(john.is_following(susan))
            self.assertEqual((0, 0), (john.following_count(), susan.followers_count()))

    def test_nobody_follows_themselves(self):
        john, = self.make('john')
        john.follow(john)
        self.assertFalse(john.is_following(john))
        self.assertEqual(0, john.followers_count())

    def test_people_can_be_followed_before_the_first_commit(self):
        john, susan = User(username='john', email='j@example.com'), User(username='susan', email='s@example.com')
        db.session.add_all([john, susan])
        john.follow(susan)
        self.assertTrue(john.is_following(susan))

    def test_the_timeline_holds_own_posts_and_those_of_people_one_follows_newest_first(self):
        john, susan, mary, david = self.make('john', 'susan', 'mary', 'david')
        now = datetime.now(UTC) - timedelta(seconds=10)
        posts = [Post(body=f'post {seconds}', author=user, timestamp=now + timedelta(seconds=seconds))
                 for user, seconds in ((john, 1), (susan, 4), (mary, 3), (david, 2))]
        db.session.add_all(posts)
        db.session.commit()
        by_john, by_susan, by_mary, by_david = posts
        for follower, followed in ((john, susan), (john, david), (susan, mary), (mary, david)):
            follower.follow(followed)
        db.session.commit()
        for reader, expected in ((john, [by_susan, by_david, by_john]), (susan, [by_susan, by_mary]),
                                 (mary, [by_mary, by_david]), (david, [by_david])):
            with self.subTest(reader=reader.username):
                self.assertEqual(expected, db.session.scalars(reader.following_posts()).all())
                self.assertEqual(expected, reader.followed_posts().all())

    def test_naive_timestamps_are_utc(self):
        susan, = self.make('susan')
        post = Post(body='hello', author=susan, timestamp=datetime(2026, 1, 2, 3, 4, 5, 678901))
        db.session.add(post)
        db.session.commit()
        self.assertEqual(datetime(2026, 1, 2, 3, 4, 5, 678901, UTC), post.timestamp)

    def test_a_timestamp_before_1970_or_in_the_future_is_refused(self):
        susan, = self.make('susan')
        for moment in (datetime(1969, 12, 31, tzinfo=UTC), datetime.now(UTC) + timedelta(hours=1)):
            with self.assertRaises(ValueError):
                Post(body='hello', author=susan, timestamp=moment)

    def test_posts_are_reached_from_their_author_and_counted(self):
        susan, = self.make('susan')
        post = Post(body='my first post!', author=susan)
        db.session.add(post)
        db.session.commit()
        self.assertEqual([post], db.session.scalars(susan.posts.select()).all())
        self.assertEqual(1, susan.posts_count)
        db.session.delete(post)
        db.session.commit()
        self.assertEqual(0, susan.posts_count)

    def test_a_reset_token_finds_its_person_and_dies_with_the_password(self):
        susan, = self.make('susan')
        token = susan.get_reset_password_token()
        self.assertEqual(susan, User.verify_reset_password_token(token))
        self.assertIsNone(User.verify_reset_password_token(token[:-2] + 'xx'))
        self.assertIsNone(User.verify_reset_password_token(susan.get_reset_password_token(expires_in=-1)))
        susan.set_password('another one to keep')
        self.assertIsNone(User.verify_reset_password_token(token))

    def test_search_finds_posts_newest_first_with_their_number(self):
        susan, = self.make('susan')
        db.session.add_all([Post(body=body, author=susan) for body in ('a red kite', '100 % kite', 'a boat')])
        db.session.commit()
        posts, total = Post.search('kite', 1, 10)
        self.assertEqual((['100 % kite', 'a red kite'], 2), ([post.body for post in posts], total))
        posts, total = Post.search('kite', 2, 1)
        self.assertEqual((['a red kite'], 2), ([post.body for post in posts], total))
        posts, total = Post.search('%', 1, 10)
        self.assertEqual(([], 0), ([post.body for post in posts], total))
        Post.reindex()
        self.assertEqual(1, Post.search('"red kite"')[1])

    def test_the_older_query_works(self):
        self.make('susan', 'john')
        self.assertEqual('susan', User.query.filter_by(username='susan').first().username)
        self.assertEqual(2, User.query.count())
