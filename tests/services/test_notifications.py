"""Telling people what concerns them: once, as they wish, and counted."""
from datetime import timedelta

import sqlalchemy as sa

from app import db
from app.models import Notification, NotificationChoice, User, utcnow
from app.policies.notifications import KINDS, Ways
from app.queries import notifications as reading
from app.queries import told
from app.services import accounts, notifications, people, upkeep
from app.services.notifications import tell
from tests.accounts import ActCase
from tests.base import make_user


class NotificationCase(ActCase):
    def setUp(self):
        super().setUp()
        self.susan, self.john = make_user('susan'), make_user('john')

    def unread(self, user: User | None = None) -> int:
        """What the badge says; it is always the number of rows."""
        id = (user or self.susan).id
        db.session.commit()
        counted = db.session.scalar(sa.select(sa.func.count()).select_from(Notification).where(
            Notification.user_id == id, Notification.is_read.is_(False), Notification.on_site.is_(True)))
        stored = db.session.scalar(sa.select(User.unread_notifications).where(User.id == id))
        self.assertEqual(counted, stored)
        return stored

    def seen(self, user: User | None = None) -> list[tuple]:
        """(kind, whose doing, is it new) of what the page shows."""
        db.session.expire_all()
        return [(entry.kind, entry.actor.username, not entry.is_read)
                for entry in told.page(user or self.susan, None, None, 100, lambda moment: moment).told]


class Telling(NotificationCase):
    def test_counts_and_shows(self):
        tell(self.susan.id, 'follow', actor_id=self.john.id)
        tell(self.susan.id, 'security')
        self.assertEqual(2, self.unread())
        self.assertEqual([('security', 'susan', True), ('follow', 'john', True)], self.seen())
        self.assertEqual((0, []), (self.unread(self.john), self.seen(self.john)))

    def test_oneself_of_what_one_does_is_left_out(self):
        tell(self.susan.id, 'follow', actor_id=self.susan.id)
        self.assertEqual(0, self.unread())

    def test_a_follow_again_is_told_once(self):
        for _ in range(3):
            tell(self.susan.id, 'follow', actor_id=self.john.id)
            self.assertEqual(1, self.unread())
        notifications.see_all(self.susan)
        tell(self.susan.id, 'follow', actor_id=self.john.id)
        self.assertEqual((0, [('follow', 'john', False)]), (self.unread(), self.seen()))

    def test_a_message_again_is_told_again_once_the_first_was_read(self):
        tell(self.susan.id, 'message', actor_id=self.john.id)
        tell(self.susan.id, 'follow', actor_id=self.john.id)
        tell(self.susan.id, 'message', actor_id=self.john.id)
        self.assertEqual((2, 'follow'), (self.unread(), self.seen()[0][0]))
        notifications.see_about(self.susan.id, 'message', actor_id=self.john.id)
        self.assertEqual(1, self.unread())
        tell(self.susan.id, 'message', actor_id=self.john.id)
        self.assertEqual((2, [('message', 'john', True), ('follow', 'john', True)]), (self.unread(), self.seen()))

    def test_somebody_who_was_deleted_meanwhile_harms_nothing(self):
        tell(self.susan.id + 1000, 'security')
        tell(self.susan.id, 'follow', actor_id=self.susan.id + 1000)
        self.assertEqual(0, self.unread())

    def test_keeps_the_newest_only(self):
        kept, notifications.MOST = notifications.MOST, 3
        self.addCleanup(setattr, notifications, 'MOST', kept)
        for number in range(5):
            tell(self.susan.id, 'follow', actor_id=make_user(f'user{number}').id)
        self.assertEqual((3, ['user4', 'user3', 'user2']), (self.unread(), [name for _, name, _ in self.seen()]))


class TellingMany(NotificationCase):
    def test_costs_as_many_statements_as_telling_one(self):
        people = [make_user(f'user{number}').id for number in range(20)]
        costs = []
        for some in (people[:1], people[1:]):
            with self.statements() as seen:
                notifications.tell_all(some, 'mention', actor_id=self.john.id)
            costs.append(len(seen))
        self.assertLessEqual(costs[1], costs[0])
        self.assertEqual([1] * 20, [self.unread(db.session.get(User, id)) for id in people])

    def test_what_was_taken_back_is_seen_no_more_and_again_only_without_being_news(self):
        for _ in range(2):
            tell(self.susan.id, 'like', actor_id=self.john.id)
            self.assertEqual([('like', 'john')], [row[:2] for row in self.seen()])
            notifications.take_back(self.susan.id, 'like', actor_id=self.john.id)
            self.assertEqual((0, []), (self.unread(), self.seen()))
        tell(self.susan.id, 'like', actor_id=self.john.id)
        self.assertEqual((0, [('like', 'john', False)]), (self.unread(), self.seen()))

    def test_a_crowd_pushes_nothing_else_out(self):
        kept, notifications.MOST = notifications.MOST, 3
        self.addCleanup(setattr, notifications, 'MOST', kept)
        tell(self.susan.id, 'message', actor_id=self.john.id)
        for number in range(5):
            tell(self.susan.id, 'like', actor_id=make_user(f'user{number}').id)
        self.assertEqual((4, ['like'] * 3 + ['message']), (self.unread(), [kind for kind, *_ in self.seen()]))

    def test_of_a_deleted_post_is_removed(self):
        tell(self.susan.id, 'like', actor_id=self.john.id, post_id=7)
        notifications.forget_post(7, notifications.told_of_post(7))
        self.assertEqual((0, 0), (self.unread(), self.count(Notification)))


class Choosing(NotificationCase):
    def test_what_nobody_chose_is_as_the_rules_have_it(self):
        self.assertEqual(KINDS, reading.ways(self.susan.id))
        notifications.choose(self.susan, dict(KINDS))
        self.assertEqual((KINDS, 0), (reading.ways(self.susan.id), self.count(NotificationChoice)))

    def test_of_a_kind_that_is_switched_off_nothing_is_told(self):
        notifications.choose(self.susan, {'follow': Ways(False, False)})
        tell(self.susan.id, 'follow', actor_id=self.john.id)
        tell(self.susan.id, 'message', actor_id=self.john.id)
        self.assertEqual((1, [('message', 'john', True)]), (self.unread(), self.seen()))
        notifications.choose(self.susan, {'follow': Ways(True, False)})
        tell(self.susan.id, 'follow', actor_id=self.john.id)
        self.assertEqual(2, self.unread())

    def test_what_is_wanted_by_mail_only_is_neither_counted_nor_shown(self):
        notifications.choose(self.susan, {'message': Ways(False, True)})
        tell(self.susan.id, 'message', actor_id=self.john.id)
        self.assertEqual((0, [], 1), (self.unread(), self.seen(), self.count(Notification)))


class Going(NotificationCase):
    def test_what_is_old_goes_and_is_counted_no_more(self):
        tell(self.susan.id, 'follow', actor_id=self.john.id)
        db.session.execute(sa.update(Notification).values(created_at=utcnow() - timedelta(days=91)))
        tell(self.susan.id, 'security')
        for _ in range(2):
            upkeep.remove_old_notifications()
            self.assertEqual((1, [('security', 'susan', True)]), (self.unread(), self.seen()))

    def test_with_who_did_it(self):
        for actor in (self.john, make_user('mary')):
            people.follow(actor, self.susan)
        self.assertEqual(2, self.unread())
        accounts.delete(self.john)
        self.assertEqual((1, [('follow', 'mary', True)]), (self.unread(), self.seen()))

    def test_nobody_sees_what_suspended_people_did(self):
        people.follow(self.john, self.susan)
        accounts.suspend(self.john)
        self.assertEqual((0, []), (self.unread(), self.seen()))
        accounts.reinstate(self.john)
        self.assertEqual((0, [('follow', 'john', False)]), (self.unread(), self.seen()))
