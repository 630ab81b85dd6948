"""Where one is logged in: a list, and ending one session or all others."""
import sqlalchemy as sa

from app.models import UserSession, utcnow
from app.queries import sessions
from tests.accounts import AccountCase

FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
IPHONE = ('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) '
          'Version/17.5 Mobile/15E148 Safari/604.1')
PAGE = '/settings/sessions'


class DevicesCase(AccountCase):
    def setUp(self):
        super().setUp()
        self.susan, self.phone, self.john = self.log_in('susan'), self.log_in('susan'), self.log_in('john')

    def ids(self, username='susan') -> list[int]:
        with self.app.app_context():
            return sorted(row.id for row in sessions.of_user(self.find(username)))

    def end(self, id, visitor=None):
        return (visitor or self.susan).submit(f'{PAGE}/{id}/end', page=PAGE)


class List(DevicesCase):
    def test_names_device_address_and_which_is_this_one(self):
        self.age(user_agent=FIREFOX)
        page = self.susan.get(PAGE).text
        self.assertEqual((2, 1), (page.count('<b>Firefox on Linux</b>'), page.count('This device')))
        self.assertIn('127.0.0.1', page)
        self.age(user_agent=IPHONE)
        self.assertIn('Safari on iPhone', self.susan.get(PAGE).text)

    def test_begins_with_this_device_whichever_was_used_last(self):
        for visitor in (self.susan, self.phone):
            first = visitor.get(PAGE).text.partition('<li class="item')[2].partition('</li>')[0]
            self.assertIn('This device', first)

    def test_shows_only_ones_own_and_only_what_still_works(self):
        self.assertEqual([2, 2, 1], [visitor.get(PAGE).text.count('<li class="item')
                                     for visitor in (self.susan, self.phone, self.john)])
        self.age(last_used_at=utcnow().replace(year=2020))
        again = self.log_in('susan')
        self.assertEqual(1, again.get(PAGE).text.count('<li class="item'))

    def test_holds_no_markup_that_a_browser_sent(self):
        evil = self.new_visitor(**{'User-Agent': '<script>alert(1)</script>' + 'x' * 5000})
        evil.submit('/auth/login', username='susan', password='seven green bottles')
        page = self.susan.get(PAGE).text
        self.assertNotIn('<script>alert', page)
        self.assertIn('Unknown device', page)

    def test_shows_no_token(self):
        stored = self.value(sa.select(UserSession.token_hash).limit(1))
        self.assertNotIn(stored, self.susan.get(PAGE).text)

    def test_needs_login(self):
        self.assertEqual('/auth/login?next=/settings/sessions', self.visitor.get(PAGE).location)

    def test_costs_no_more_with_many(self):
        with self.statements() as few:
            self.susan.get(PAGE)
        for _time in range(5):
            self.log_in('susan')
        with self.statements() as many:
            self.susan.get(PAGE)
        self.assertEqual(len(few), len(many))


class EndOne(DevicesCase):
    def test_ends_that_one_at_once(self):
        answer = self.end(self.ids()[1])
        self.assertEqual((302, PAGE), (answer.status_code, answer.location))
        self.assertEqual((True, False), (self.is_in(self.susan), self.is_in(self.phone)))

    def test_may_be_the_own_one(self):
        self.end(self.ids()[0])
        self.assertFalse(self.is_in(self.susan))

    def test_of_somebody_else_is_not_there(self):
        self.assertEqual(404, self.end(self.ids('john')[0]).status_code)
        self.assertTrue(self.is_in(self.john))

    def test_twice_and_absurd_ids_are_not_there(self):
        id = self.ids()[1]
        self.assertEqual([302, 404], [self.end(id).status_code, self.end(id).status_code])
        for absurd in (0, 2 ** 63 - 1, 2 ** 63, '9' * 300, '-1', 'x', '1%00', '٣'):
            self.assertIn(self.end(absurd).status_code, (400, 404), absurd)

    def test_needs_login_a_token_and_post(self):
        path = f'{PAGE}/{self.ids()[1]}/end'
        self.assertEqual(405, self.susan.get(path).status_code)
        self.assertEqual(400, self.susan.post(path).status_code)
        answer = self.visitor.submit(path, page='/auth/login')
        self.assertEqual((302, '/auth/login'), (answer.status_code, answer.location))
        self.assertTrue(self.is_in(self.phone))


class EndOthers(DevicesCase):
    def test_ends_all_but_this_one_and_nobody_elses(self):
        for _time in range(2):
            answer = self.susan.submit(f'{PAGE}/end', page=PAGE)
            self.assertEqual((302, PAGE), (answer.status_code, answer.location))
        self.assertEqual([True, False, True], [self.is_in(visitor) for visitor in (self.susan, self.phone, self.john)])

    def test_needs_login_a_token_and_post(self):
        self.assertEqual(405, self.susan.get(f'{PAGE}/end').status_code)
        self.assertEqual(400, self.susan.post(f'{PAGE}/end').status_code)
        self.assertEqual(302, self.visitor.submit(f'{PAGE}/end', page='/auth/login').status_code)
        self.assertTrue(self.is_in(self.phone))

    def test_the_page_offers_it_only_when_there_are_others(self):
        self.assertIn('Log out all other devices', self.susan.get(PAGE).text)
        self.assertNotIn('Log out all other devices', self.john.get(PAGE).text)
