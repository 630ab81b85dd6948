"""Leaving at the very moment at which others follow, stop following, or the same person deletes a post."""
import sqlalchemy as sa

from app import db
from app.exceptions import NotFound
from app.models import DeletedPost, NoSuchPerson, Post, User, followers, utcnow
from app.services import accounts, people, posts
from tests.accounts import ActCase
from tests.base import make_post, make_user
from tests.together import TogetherCase
from tests.world import WorldCase

ROUNDS = 6


class AtOneMoment(TogetherCase):
    def test_counters_stay_right_and_nothing_breaks(self):
        for number in range(ROUNDS):
            before = [self.person(f'before{number}x{n}') for n in range(2)]
            leaver = self.person(f'leaver{number}')
            after = [self.person(f'after{number}x{n}') for n in range(2)]
            written = self.wrote(f'leaver{number}', 'one', 'two', 'three')
            self.follows(f'before{number}x0', f'leaver{number}')
            self.follows(f'after{number}x0', f'leaver{number}')
            self.follows(f'leaver{number}', f'before{number}x1', f'after{number}x0')
            me = (User, leaver)
            self.assertEqual([], self.together(
                self.act(accounts.delete, me),
                self.act(people.unfollow, (User, before[0]), me), self.act(people.follow, (User, before[1]), me),
                self.act(people.unfollow, (User, after[0]), me), self.act(people.follow, (User, after[1]), me),
                self.act(people.unfollow, me, (User, after[0])),
                self.act(posts.delete, me, (Post, written[0])), self.act(posts.delete, me, (Post, written[2]))))
            self.assertIsNone(self.value(sa.select(User.id).where(User.id == leaver)))
            self.assertEqual(3 * (number + 1), self.rows(DeletedPost))
        self.assert_counted()

    def assert_counted(self) -> None:
        """Every counter is what the table says; nobody here follows anybody who stayed."""
        with self.app.app_context():
            self.assertEqual(0, db.session.scalar(sa.select(sa.func.count()).select_from(followers)))
            for user in User.query.all():
                self.assertEqual((0, 0), (user.followers_count(), user.following_count()), user.username)


class Deleted(ActCase):
    def test_somebody_deleted_a_moment_ago_cannot_be_followed(self):
        john, susan = make_user('john'), make_user('susan')
        db.session.execute(sa.delete(User).where(User.id == susan.id), execution_options={'synchronize_session': False})
        with self.assertRaises(NotFound):
            people.follow(john, susan)
        with self.assertRaises(NoSuchPerson):
            john.follow(susan)
        self.assertFalse(people.unfollow(john, susan))
        self.assertEqual(0, john.following_count())

    def test_account_that_is_not_in_the_session_can_be_deleted(self):
        susan = make_user('susan')
        id = susan.id
        db.session.expunge(susan)
        accounts.delete(susan)
        self.assertIsNone(db.session.get(User, id))

    def test_post_that_is_noted_already_does_not_stop_the_account(self):
        susan = make_user('susan')
        first, second = make_post(susan).id, make_post(susan).id
        db.session.add(DeletedPost(id=first, user_id=susan.id))
        accounts.delete(susan)
        db.session.commit()
        self.assertEqual({first, second}, set(db.session.scalars(sa.select(DeletedPost.id))))


class Traces(WorldCase):
    def test_posts_of_a_suspended_account_had_not_been_visible(self):
        susan, = self.wrote('susan', 'shown')
        john, = self.wrote('john', 'hidden')
        self.change('john', suspended_at=utcnow())
        for name in ('susan', 'john'):
            with self.app.app_context():
                accounts.delete(self.find(name))
                db.session.commit()
        self.assertEqual([410, 404], [self.visitor.get(f'/post/{id}').status_code for id in (susan, john)])

    def test_on_a_closed_site_are_shown_to_people_of_the_site_only(self):
        id, = self.wrote('susan', 'shown')
        john = self.log_in('john')
        with self.app.app_context():
            accounts.delete(self.find('susan'))
            db.session.commit()
        self.app.config['SITE_CLOSED'] = True
        self.addCleanup(self.app.config.update, SITE_CLOSED=False)
        self.assertEqual(410, john.get(f'/post/{id}').status_code)
        self.assertIn(self.visitor.get(f'/post/{id}').status_code, (302, 404))
