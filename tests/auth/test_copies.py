"""Cookies that were copied, planted or spoilt: what ends a session ends it in every copy."""
from datetime import timedelta

from flask.sessions import TaggedJSONSerializer

from app.models import UserSession, utcnow
from tests.accounts import AccountCase, LetterCase
from tests.base import PASSWORD, hidden_fields

NEW = 'eight brown bottles'
PAGES = ('/', '/explore', '/user/susan', '/user/nobody', '/search?q=susan', '/settings', '/settings/sessions',
         '/settings/events', '/auth/login', '/auth/register', '/auth/reset_password_request', '/auth/confirm/x',
         '/post/1', '/static/microblog.css', '/avatar/1/80', '/robots.txt', '/nowhere')


class Copies(AccountCase):
    """Somebody copied the cookie of the very browser that acts."""

    def setUp(self):
        super().setUp()
        self.susan, self.phone = self.log_in('susan'), self.log_in('susan')
        self.thief = self.copy(self.susan)

    def assertOnlySusanIsIn(self):
        self.assertEqual([True, False, False], [self.is_in(one) for one in (self.susan, self.thief, self.phone)])
        self.assertEqual(302, self.susan.submit('/', post='still here').status_code)

    def test_end_with_a_change_of_password(self):
        self.susan.submit('/settings/password', current_password=PASSWORD, password=NEW, password2=NEW)
        self.assertOnlySusanIsIn()

    def test_end_with_a_change_of_address(self):
        self.susan.submit('/settings/email', email='new@example.com', current_password=PASSWORD)
        self.assertOnlySusanIsIn()

    def test_end_when_all_others_are_logged_out(self):
        self.susan.submit('/settings/sessions/end', page='/settings/sessions')
        self.assertOnlySusanIsIn()
        self.assertEqual(1, self.rows(UserSession))

    def test_stay_out_of_it_when_the_change_is_refused(self):
        self.susan.submit('/settings/password', current_password='wrong', password=NEW, password2=NEW)
        self.assertEqual([True] * 3, [self.is_in(one) for one in (self.susan, self.thief, self.phone)])

    def test_end_with_the_account_and_the_browser_forgets_its_pages(self):
        answer = self.susan.submit('/settings/delete', current_password=PASSWORD)
        self.assertEqual('"cache", "storage"', answer.headers['Clear-Site-Data'])
        self.assertEqual([False] * 3, [self.is_in(one) for one in (self.susan, self.thief, self.phone)])

    def test_do_not_come_back_with_a_copy_made_before_the_log_out(self):
        self.susan.submit('/auth/logout', page='/settings')
        self.log_in('susan')
        self.assertEqual([False, False, True], [self.is_in(one) for one in (self.susan, self.thief, self.phone)])


class CopiesWithMail(LetterCase):
    def test_end_with_the_click_that_changes_the_address(self):
        susan = self.log_in('susan')
        thief = self.copy(susan)
        susan.submit('/settings/email', email='new@example.com', current_password=PASSWORD)
        susan.submit(self.link())
        self.assertEqual([True, False], [self.is_in(susan), self.is_in(thief)])

    def test_of_somebody_else_who_opens_the_link_stay_as_they_are(self):
        susan, john = self.log_in('susan'), self.log_in('john')
        susan.submit('/settings/email', email='new@example.com', current_password=PASSWORD)
        john.submit(self.link())
        self.assertEqual([False, True], [self.is_in(susan), self.is_in(john)])
        self.assertIn('href="/user/john"', john.get('/').text)


class Planted(AccountCase):
    """Session fixation: the attacker knows the cookie with which somebody logs in."""

    def test_a_cookie_of_before_the_log_in_opens_nothing_and_its_forms_are_dead(self):
        self.person('susan')
        form = hidden_fields(self.visitor.get('/auth/login').text)
        planted = self.copy(self.visitor)
        self.visitor.post('/auth/login', {**form, 'username': 'susan', 'password': PASSWORD})
        self.assertTrue(self.is_in(self.visitor))
        self.assertFalse(self.is_in(planted))
        self.assertEqual(400, self.visitor.post('/', {**form, 'post': 'x'}).status_code)

    def test_logging_in_as_somebody_else_in_the_same_browser_takes_nothing_along(self):
        john = self.log_in('john')
        before = self.copy(john)
        john.submit('/auth/logout', page='/')
        self.person('susan')
        john.submit('/auth/login', username='susan', password=PASSWORD)
        self.assertFalse(self.is_in(before))
        self.assertIn('href="/user/susan"', john.get('/').text)


class Spoilt(AccountCase):
    """A cookie that is not ours, on every kind of page."""

    def spoilt(self, value: str) -> list[str]:
        head, _dot, signature = value.rpartition('.')
        other = TaggedJSONSerializer().dumps({'_user_id': 'x' * 43})
        return [value[:-1], value[:40], value[::-1], head, signature, f'{other}.AAAAAA.{signature}', value * 20,
                'x' * 8000, '\x00', '\x01\x02\xff', '\xf0\x9f\x92\xa9', '"', '""', 'a b', '=', ';', '.eJw.x.y',
                '.' + 'A' * 5000, 'null', '[]', '%', '\u0130'.encode().decode('latin-1')]

    def test_means_anonymous_and_never_an_error(self):
        self.wrote('susan', 'hello')
        susan = self.log_in('susan')
        clean = {path: self.status(self.visitor, path) for path in PAGES}
        for value in self.spoilt(susan.client.get_cookie('session').value):
            for path in PAGES:
                answer = self.new_visitor().client.get(path, environ_overrides={'HTTP_COOKIE': f'session={value}'})
                self.assertEqual(clean[path], answer.status_code, (path, ascii(value[:30])))
                answer.close()
        self.assertTrue(self.is_in(susan))

    def test_sends_a_form_to_the_same_place_as_none(self):
        for value in self.spoilt(self.log_in('susan').client.get_cookie('session').value):
            answer = self.new_visitor().client.post('/auth/login', data={'username': 'susan', 'password': PASSWORD},
                                                    environ_overrides={'HTTP_COOKIE': f'session={value}'})
            self.assertEqual(400, answer.status_code, ascii(value[:30]))

    @staticmethod
    def status(visitor, path) -> int:
        answer = visitor.get(path)
        answer.close()
        return answer.status_code


class Limits(AccountCase):
    """The time limits of the design, to some seconds."""

    MOMENT = timedelta(seconds=20)

    def test_are_a_day_thirty_days_and_ninety_in_all(self):
        susan, now = self.log_in('susan'), utcnow()
        day = timedelta(days=1)
        for remember, unused, age in ((False, day, day), (True, 30 * day, 30 * day), (True, day, 90 * day)):
            left = {'last_used_at': now - unused, 'created_at': now - age}
            limit = 'created_at' if age > unused else 'last_used_at'
            self.age(remember=remember, **{**left, limit: left[limit] + self.MOMENT})
            self.assertTrue(self.is_in(self.copy(susan)), (remember, unused, age))
            self.age(remember=remember, **{**left, limit: left[limit] - self.MOMENT})
            self.assertFalse(self.is_in(self.copy(susan)), (remember, unused, age))
