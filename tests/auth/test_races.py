"""What happens between the look at an account and the act on it."""
from unittest import mock

import sqlalchemy as sa

from app import db, hashing
from app.exceptions import Refused
from app.models import User, UserSession
from app.services import accounts, credentials
from tests.base import PASSWORD, make_user
from tests.world import WorldCase, breaking_off_once

ANOTHER = 'nine blue umbrellas'


class Races(WorldCase):
    def setUp(self):
        super().setUp()
        with self.app.app_context():
            make_user('susan')

    def meanwhile(self, act):
        """Let `act` happen while the hash of a password is compared."""
        real, done = hashing.verify_password, []

        def verify(hash, password):
            found = real(hash, password)
            if not done:
                done.append(True)
                with self.app.app_context():
                    act(db.session.scalar(sa.select(User)))
                    db.session.commit()
            return found
        return mock.patch('app.hashing.verify_password', verify)

    def test_a_reset_during_a_log_in_keeps_the_old_password_out(self):
        with self.meanwhile(lambda user: credentials.reset_password(user, ANOTHER)):
            answer = self.visitor.submit('/auth/login', username='susan', password=PASSWORD)
        self.assertEqual((200, 0), (answer.status_code, self.rows(UserSession)))

    def test_a_suspension_during_a_log_in_keeps_it_out(self):
        with self.meanwhile(accounts.suspend):
            answer = self.visitor.submit('/auth/login', username='susan', password=PASSWORD)
        self.assertEqual((200, 0), (answer.status_code, self.rows(UserSession)))

    def test_of_a_reset_and_a_change_of_password_the_first_counts(self):
        with self.app.app_context():
            user = db.session.scalar(sa.select(User))
            reset = self.meanwhile(lambda owner: credentials.reset_password(owner, ANOTHER))
            with reset, self.assertRaises(Refused):
                credentials.change_password(user, PASSWORD, 'the words of a thief')
            db.session.rollback()
        self.assertEqual(302, self.visitor.submit('/auth/login', username='susan', password=ANOTHER).status_code)


class SecondRun(WorldCase):
    """The database breaks the first commit off, as it does with a deadlock."""

    def test_a_log_in_runs_once_more_and_works(self):
        with self.app.app_context():
            make_user('susan')
        with breaking_off_once(), self.assertLogs(self.app.logger, 'WARNING'):
            answer = self.visitor.submit('/auth/login', username='susan', password=PASSWORD)
        self.assertEqual((302, 1), (answer.status_code, self.rows(UserSession)))
        self.assertEqual(200, self.visitor.get('/').status_code)

    def test_deleting_an_account_runs_once_more_and_works(self):
        susan = self.log_in('susan')
        with breaking_off_once(), self.assertLogs(self.app.logger, 'WARNING'):
            answer = susan.submit('/settings/delete', current_password=PASSWORD)
        self.assertEqual((302, 0), (answer.status_code, self.rows(User)))


class Crowd(WorldCase):
    def test_more_log_ins_than_can_wait_are_asked_to_come_again(self):
        with self.app.app_context():
            make_user('susan')
        places = [hashing._places.acquire(blocking=False) for _place in range(hashing.IN_ALL)]
        try:
            answer = self.visitor.submit('/auth/login', username='susan', password=PASSWORD)
            self.assertEqual((503, '5'), (answer.status_code, answer.headers['Retry-After']))
            self.assertEqual(200, self.visitor.get('/explore').status_code)
        finally:
            for _place in places:
                hashing._places.release()
        self.assertEqual(302, self.visitor.submit('/auth/login', username='susan', password=PASSWORD).status_code)
