"""Telling, reading and leaving at one moment: no number goes wrong, and nobody waits in a ring."""
import sqlalchemy as sa

from app import db
from app.models import Notification, User
from app.policies.notifications import counts
from app.services import accounts, notifications, people
from tests.accounts import AccountCase

NAMES = [f'user{number}' for number in range(6)]


class AtOnce(AccountCase):
    def setUp(self):
        super().setUp()
        for name in ('susan', *NAMES):
            self.person(name)

    def acts(self, *acts) -> list[int]:
        """Acts of one person, each in a transaction of its own; how many there were."""
        with self.app.app_context():
            for act in acts:
                act(self.find('susan'))
                db.session.commit()
        return [len(acts)]

    def assert_right(self) -> int:
        """Every number is that of its rows; the one of Susan."""
        with self.app.app_context():
            for user in db.session.scalars(sa.select(User)):
                unread = sa.select(sa.func.count()).select_from(Notification).where(
                    Notification.user_id == user.id, counts())
                self.assertEqual(db.session.scalar(unread), user.unread_notifications, user)
            return self.find('susan').unread_notifications

    def test_many_tell_one_person_who_follows_them(self):
        def by(name):
            return lambda: self.acts(
                lambda susan: people.follow(self.find(name), susan),
                lambda susan: notifications.tell(susan.id, 'message', actor_id=self.find(name).id),
                lambda susan: people.follow(susan, self.find(name)),
                lambda susan: notifications.tell(self.find(name).id, 'message', actor_id=susan.id))
        self.assertNotIn(None, self.at_once(*map(by, NAMES)))
        self.assertEqual(2 * len(NAMES), self.assert_right())

    def test_they_are_read_while_they_come_and_while_people_leave(self):
        def by(name):
            return lambda: self.acts(
                lambda susan: people.follow(self.find(name), susan),
                lambda susan: notifications.tell(susan.id, 'message', actor_id=self.find(name).id),
                lambda susan: accounts.delete(self.find(name)) if name in NAMES[:2] else None)
        reading = [notifications.see_all, lambda susan: notifications.see_about(susan.id, 'message', actor_id=susan.id)]
        self.assertNotIn(None, self.at_once(*map(by, NAMES), lambda: self.acts(*reading * 5)))
        self.assert_right()

    def test_the_same_is_told_once(self):
        with self.app.app_context():
            john = self.find(NAMES[0]).id
        self.at_once(*[lambda: self.acts(lambda susan: notifications.tell(susan.id, 'message', actor_id=john))] * 6)
        self.assertEqual(1, self.assert_right())
