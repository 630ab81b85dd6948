"""Leaving at the very moment at which others follow."""
import sqlalchemy as sa

from app import db
from app.exceptions import NotFound
from app.models import NoSuchPerson, User
from app.services import people
from tests.accounts import ActCase
from tests.base import make_user


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
