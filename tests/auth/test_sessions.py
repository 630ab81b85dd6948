"""Sessions: their cookie, their end in every copy, their time limits, and that using one is noted."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import User, UserSession, utcnow
from app.services import accounts, sessions
from tests.accounts import AccountCase
from tests.base import PASSWORD, hidden_fields
from tests.world import LiveConfig


class LogOut(AccountCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def log_out(self, visitor=None):
        return (visitor or self.susan).submit('/auth/logout', page='/settings')

    def test_works_and_says_so(self):
        answer = self.log_out()
        self.assertEqual((302, '/'), (answer.status_code, answer.location))
        self.assertEqual('"cache", "storage"', answer.headers['Clear-Site-Data'])
        self.assertFalse(self.is_in(self.susan))
        self.assertIn('You are logged out.', self.susan.get('/auth/login').text)

    def test_ends_every_copy_of_the_cookie(self):
        before = self.copy(self.susan)
        self.assertTrue(self.is_in(before))
        self.log_out()
        self.assertFalse(self.is_in(before))
        self.assertEqual(0, self.rows(UserSession))

    def test_leaves_other_devices_alone(self):
        other = self.log_in('susan')
        self.log_out()
        self.assertTrue(self.is_in(other))

    def test_refuses_get_and_a_form_without_token(self):
        self.assertEqual(405, self.susan.get('/auth/logout').status_code)
        self.assertEqual(400, self.susan.post('/auth/logout').status_code)
        self.assertTrue(self.is_in(self.susan))

    def test_twice_is_once_and_a_visitor_may_too(self):
        hidden = hidden_fields(self.susan.get('/settings').text)
        self.assertEqual([302, 400], [self.susan.post('/auth/logout', hidden).status_code for _ in range(2)])
        self.assertEqual(302, self.visitor.submit('/auth/logout', page='/auth/login').status_code)

    def test_forgets_the_form_tokens_of_before(self):
        old = hidden_fields(self.susan.get('/settings').text)
        self.log_out()
        self.susan.submit('/auth/login', username='susan', password=PASSWORD)
        self.assertEqual(400, self.susan.post('/', {**old, 'post': 'hello'}).status_code)


class Cookie(AccountCase):
    def cookie(self, visitor):
        return visitor.client.get_cookie('session')

    def test_is_for_the_server_alone_and_ends_with_the_browser(self):
        self.person('susan')
        self.visitor.submit('/auth/login', username='susan', password=PASSWORD)
        cookie = self.cookie(self.visitor)
        self.assertEqual((True, 'Lax', '/', None, False),
                         (cookie.http_only, cookie.same_site, cookie.path, cookie.expires, cookie.secure))

    def test_lives_on_when_asked_to(self):
        self.person('susan')
        for value, days in (('y', 30), ('1', 30), ('false', 0), ('', 0)):
            visitor = self.new_visitor()
            visitor.submit('/auth/login', username='susan', password=PASSWORD, remember_me=value)
            expires = self.cookie(visitor).expires
            self.assertEqual(days, round((expires - utcnow()).total_seconds() / 86400) if expires else 0, value)
        self.assertEqual(2, self.value(sa.select(sa.func.count()).where(UserSession.remember.is_(True))))

    def test_there_is_no_other_that_logs_in(self):
        self.person('susan')
        self.visitor.submit('/auth/login', username='susan', password=PASSWORD, remember_me='y')
        self.assertEqual({'session', 'device'}, {key[2] for key in self.visitor.client._cookies})
        self.visitor.client.delete_cookie('session')
        self.assertFalse(self.is_in(self.visitor))

    def test_is_new_at_each_login(self):
        self.person('susan')
        self.visitor.get('/auth/login')
        planted = self.copy(self.visitor)
        self.visitor.submit('/auth/login', username='susan', password=PASSWORD)
        self.assertFalse(self.is_in(planted))
        self.log_in('susan')
        self.assertEqual(2, len(self.tokens()))

    def test_tells_neither_who_it_is_nor_what_the_table_holds(self):
        visitor = self.log_in('susan')
        with self.app.test_request_context():
            inside = self.app.session_interface.get_signing_serializer(self.app).loads(self.cookie(visitor).value)
        stored, = self.tokens()
        self.assertLessEqual(set(inside), {'_user_id', '_id', '_fresh', '_permanent', 'proved_at', 'csrf_token'})
        self.assertGreaterEqual(len(inside['_user_id']), 43)
        self.assertNotIn(inside['_user_id'], stored)
        self.assertEqual(UserSession.hash_of(inside['_user_id']), stored)

    def test_that_was_changed_in_any_way_means_nobody_and_no_error(self):
        susan = self.log_in('susan')
        value = self.cookie(susan).value
        head, stamp, signature = value.rsplit('.', 2)
        flipped = value[:-2] + ('A' if value[-2] != 'A' else 'B') + value[-1]
        for changed in ('', '.', '..', '...', 'x', 'é', value[:-1], value[1:], flipped, value.upper(), value * 2,
                        f'{head}.{stamp}.', f'{head}..{signature}', f'.{stamp}.{signature}', f'{head}.{stamp}',
                        f'.eJ{value}', '=' * 4000, '%00', '{}', 'None', f'{head}.AAAAAA.{signature}', '\x7f\xff'):
            other = self.copy(susan, lambda _value, changed=changed: changed)
            self.assertEqual(302, other.get('/settings').status_code, ascii(changed[:30]))
            self.assertEqual(200, other.get('/explore').status_code)
        for cut in range(1, len(value), 7):
            self.assertFalse(self.is_in(self.copy(susan, lambda whole, cut=cut: whole[:cut])))
        self.assertTrue(self.is_in(susan))

    def test_of_another_site_or_another_shape_means_nobody(self):
        susan = self.log_in('susan')
        token = 'x' * 43
        for key, inside in (('another key of more than thirty-two bytes', {'_user_id': token}),
                            (self.app.secret_key, {'_user_id': token}), (self.app.secret_key, {'_user_id': '1'}),
                            (self.app.secret_key, {'_user_id': ''}), (self.app.secret_key, {})):
            with mock.patch.dict(self.app.config, SECRET_KEY=key):
                signed = self.app.session_interface.get_signing_serializer(self.app).dumps(inside)
            self.assertFalse(self.is_in(self.copy(susan, lambda _value, signed=signed: signed)), inside)

    def tokens(self):
        with self.app.app_context():
            return db.session.scalars(sa.select(UserSession.token_hash)).all()


class NewKey(AccountCase):
    def test_keeps_people_logged_in_while_the_old_one_is_a_fallback(self):
        susan = self.log_in('susan')
        old = self.app.secret_key
        new = 'a new key with more than thirty-two bytes'
        with mock.patch.dict(self.app.config, SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old]):
            self.assertTrue(self.is_in(self.copy(susan)))
        with mock.patch.dict(self.app.config, SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
            self.assertFalse(self.is_in(self.copy(susan)))


class TimeLimits(AccountCase):
    HOUR, DAY = timedelta(hours=1), timedelta(days=1)

    def lasts(self, **row) -> bool:
        susan = self.log_in('susan')
        self.age(**row)
        return self.is_in(susan)

    def test_a_session_ends_after_a_day_without_use(self):
        now = utcnow()
        self.assertTrue(self.lasts(last_used_at=now - 23 * self.HOUR, created_at=now - 400 * self.DAY))
        self.assertFalse(self.lasts(last_used_at=now - 25 * self.HOUR))

    def test_a_remembered_one_after_thirty_days_without_use(self):
        now = utcnow()
        self.assertTrue(self.lasts(remember=True, last_used_at=now - 29 * self.DAY))
        self.assertFalse(self.lasts(remember=True, last_used_at=now - 31 * self.DAY))

    def test_and_after_ninety_days_in_all(self):
        now = utcnow()
        self.assertTrue(self.lasts(remember=True, created_at=now - 89 * self.DAY))
        self.assertFalse(self.lasts(remember=True, created_at=now - 91 * self.DAY))

    def test_use_keeps_a_session_alive(self):
        susan = self.log_in('susan')
        self.age(last_used_at=utcnow() - 23 * self.HOUR)
        susan.get('/').close()
        self.assertLess(utcnow() - self.value(sa.select(UserSession.last_used_at)), timedelta(minutes=1))


class Ends(AccountCase):
    """What ends sessions of a person, seen from a browser that is logged in."""

    def test_suspending_ends_all(self):
        susan = self.log_in('susan')
        with self.app.app_context():
            accounts.suspend(self.find('susan'))
            db.session.commit()
        self.assertFalse(self.is_in(susan))
        with self.app.app_context():
            accounts.reinstate(self.find('susan'))
            db.session.commit()
        self.assertFalse(self.is_in(susan))

    def test_a_person_suspended_by_hand_is_out_though_the_row_is_there(self):
        susan = self.log_in('susan')
        self.change('susan', suspended_at=utcnow())
        self.assertFalse(self.is_in(susan))

    def test_deleting_the_person_ends_all(self):
        susan = self.log_in('susan')
        with self.app.app_context():
            accounts.delete(self.find('susan'))
            db.session.commit()
        self.assertFalse(self.is_in(susan))
        self.assertEqual(0, self.rows(UserSession))


class Noting(AccountCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def writes(self, path='/explore') -> int:
        with self.statements() as statements:
            self.susan.get(path).close()  # as a server does once the answer is sent
        return sum(statement.startswith('UPDATE') for statement in statements)

    def test_a_use_is_noted_at_most_every_five_minutes(self):
        self.assertEqual(0, self.writes())
        self.age(last_used_at=utcnow() - timedelta(minutes=6))
        self.change('susan', last_seen=utcnow() - timedelta(days=1))
        self.assertEqual([2, 0], [self.writes(), self.writes()])
        self.assertLess(utcnow() - self.value(sa.select(User.last_seen)), timedelta(minutes=1))

    def test_a_note_that_fails_spoils_no_page(self):
        self.age(last_used_at=utcnow() - timedelta(minutes=6))
        failure = sa.exc.OperationalError('UPDATE', {}, Exception('locked'))
        with mock.patch.object(sessions, 'touch', side_effect=failure), self.assertLogs(self.app.logger) as log:
            answer = self.susan.get('/settings')
            answer.close()
        self.assertEqual(200, answer.status_code)
        self.assertIn('could not be noted', log.output[0])
        self.assertTrue(self.is_in(self.susan))

    def test_who_is_behind_a_cookie_takes_one_statement(self):
        with self.statements() as statements:
            self.susan.get('/about')
        self.assertEqual(1, len(statements), statements)

    def test_a_visitor_costs_none(self):
        with self.statements() as statements:
            self.visitor.get('/about')
        self.assertEqual([], statements)


class SecureConfig(LiveConfig):
    SITE_URL = 'https://blog.example.org'


class Secure(AccountCase):
    config = SecureConfig

    def test_under_tls_the_cookie_is_bound_to_host_and_tls(self):
        answer = self.visitor.get('/auth/login', base_url='https://blog.example.org')
        cookie, = answer.headers.getlist('Set-Cookie')
        self.assertTrue(cookie.startswith('__Host-session='))
        for part in ('Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/'):
            self.assertIn(f'; {part}', cookie)
        self.assertNotIn('Domain', cookie)
