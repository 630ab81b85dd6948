"""What goes by itself, and what stays."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Post, RateLimit, Submission, Task, User, UserSession, utcnow
from app.services import posts, sessions, upkeep
from app.tasks import keeping, periodic
from tests.accounts import ActCase
from tests.base import make_post, make_user

DAY = timedelta(days=1)


class Upkeep(ActCase):
    def setUp(self):
        super().setUp()
        self.turn_mail_on()

    def remove(self):
        upkeep.remove_expired()
        db.session.commit()

    def test_removes_expired_sessions_only(self):
        susan, now = make_user('susan'), utcnow()
        for remember, unused, age in ((False, 0.9, 200), (False, 1.1, 1), (True, 29, 80), (True, 31, 31),
                                      (True, 1, 91)):
            sessions.start(susan, remember, f'{remember} {unused}', '')
            db.session.flush()
            db.session.execute(sa.update(UserSession).where(UserSession.user_agent == f'{remember} {unused}').values(
                last_used_at=now - unused * DAY, created_at=now - age * DAY))
        self.remove()
        left = set(db.session.scalars(sa.select(UserSession.user_agent)))
        self.assertEqual({'False 0.9', 'True 29'}, left)

    def test_removes_counts_of_windows_that_are_over(self):
        db.session.add_all([RateLimit(bucket=name, hits=1, expires_at=utcnow() + minutes * timedelta(minutes=1))
                            for name, minutes in (('over', -1), ('running', 1))])
        db.session.commit()
        self.remove()
        self.assertEqual(['running'], db.session.scalars(sa.select(RateLimit.bucket)).all())

    def test_removes_accounts_that_were_never_confirmed_in_time(self):
        for name, until in (('late', utcnow() - DAY), ('waiting', utcnow() + DAY), ('confirmed', None)):
            make_user(name, confirm_by=until)
        self.remove()
        self.assertEqual({'waiting', 'confirmed'}, set(db.session.scalars(sa.select(User.username))))

    def test_keeps_them_on_a_site_where_nobody_can_confirm(self):
        make_user('late', confirm_by=utcnow() - DAY)
        with mock.patch.dict(self.app.config, MAIL_SERVER=''):
            self.remove()
        self.assertEqual(1, self.count(User))

    def test_keeps_the_counts_of_others_right_when_it_does(self):
        late, john = make_user('late', confirm_by=utcnow() - DAY), make_user('john')
        late.follow(john)
        db.session.commit()
        self.remove()
        db.session.refresh(john)
        self.assertEqual((0, 1), (john.followers_number, self.count(User)))

    def test_keeps_whoever_wrote_something(self):
        make_post(make_user('late', confirm_by=utcnow() - DAY))
        self.remove()
        self.assertEqual((1, 1), (self.count(User), self.count(Post)))

    def test_removes_tasks_that_ended_a_week_ago_and_no_others(self):
        now = utcnow()
        for state, ended in (('done', now - 8 * DAY), ('failed', now - 8 * DAY), ('done', now - 6 * DAY),
                             ('waiting', None), ('running', None)):
            db.session.add(Task(name='x', arguments={}, state=state, finished_at=ended, created_at=now - 30 * DAY))
        db.session.commit()
        self.remove()
        self.assertEqual(['done', 'running', 'waiting'], sorted(db.session.scalars(sa.select(Task.state))))

    def test_removes_form_keys_after_a_week(self):
        susan = make_user('susan')
        posts.publish(susan, 'old', 'key')
        db.session.execute(sa.update(Submission).values(created_at=utcnow() - 8 * DAY))
        posts.publish(susan, 'new', 'key')
        db.session.commit()
        self.remove()
        self.assertEqual((1, 2), (self.count(Submission), self.count(Post)))

    def test_runs_once_an_hour_whoever_sweeps(self):
        for _time in range(3):
            keeping.queue_periodic()
        names = db.session.scalars(sa.select(Task.name).order_by(Task.name)).all()
        self.assertEqual(sorted(periodic), names)
        self.assertIn('remove_expired', names)

    def test_goes_on_at_once_until_nothing_is_left(self):
        for number in range(5):
            make_user(f'late{number}', confirm_by=utcnow() - DAY)
            sessions.start(make_user(f'user{number}'), False, '', '')
        db.session.execute(sa.update(UserSession).values(last_used_at=utcnow() - 40 * DAY))
        db.session.commit()
        with mock.patch.object(upkeep, 'AT_ONCE', 2):
            self.remove()
            self.assertEqual((8, 3, 1), (self.count(User), self.count(UserSession), self.count(Task)))
            self.assertEqual(2, self.run_tasks())
        self.assertEqual((5, 0), (self.count(User), self.count(UserSession)))

    def test_twice_is_once(self):
        make_user('late', confirm_by=utcnow() - DAY)
        self.remove()
        self.remove()
        self.assertEqual(0, self.count(User))


class FormKeys(ActCase):
    """One-time keys of forms, as `posts.publish` keeps them."""

    def test_the_same_key_and_text_lead_to_the_first_post_also_across_sessions(self):
        id = posts.publish(make_user('susan'), 'hello', 'key').id
        db.session.commit()
        db.session.remove()
        susan = db.session.scalar(sa.select(User))
        self.assertEqual(id, posts.publish(susan, ' hello\r\n', 'key').id)
        self.assertNotEqual(id, posts.publish(susan, 'hello', 'other').id)
        self.assertNotEqual(id, posts.publish(susan, 'hello there', 'key').id)
        self.assertNotEqual(id, posts.publish(susan, 'hello').id)

    def test_after_the_first_was_deleted_the_form_says_so_and_makes_no_other(self):
        susan = make_user('susan')
        first = posts.publish(susan, 'hello', 'key')
        db.session.commit()
        posts.delete(susan, first)
        db.session.commit()
        self.assertIn('deleted', self.refused('post', posts.publish, susan, 'hello', 'key'))
        self.assertEqual((0, 0), (self.count(Post), susan.posts_count))

    def test_what_the_table_keeps_tells_neither_key_nor_text(self):
        posts.publish(make_user('susan'), 'hello', 'key')
        key = db.session.scalar(sa.select(Submission.key))
        self.assertRegex(key, '^[0-9a-f]{64}$')

    def test_a_rollback_leaves_neither_key_nor_post(self):
        susan = make_user('susan')
        posts.publish(susan, 'hello', 'key')
        db.session.rollback()
        self.assertEqual((0, 0), (self.count(Submission), self.count(Post)))
