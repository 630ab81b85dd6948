"""Logging in: by name or address, one answer and the same work for every failure, and where it leads."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from app import hashing
from app.models import Task, User, UserSession, utcnow
from tests.accounts import AccountCase
from tests.base import PASSWORD, hidden_fields

WRONG = 'Username, e-mail or password is wrong.'
NOTED = ['SAVEPOINT', 'INSERT', 'RELEASE']  # that it failed
FAILURES = {'wrong password': ('susan', 'other words'),
            'wrong password for the address': ('susan@example.com', 'other words'),
            'unknown name': ('nobody_here', PASSWORD), 'unknown address': ('nobody@example.com', PASSWORD),
            'suspended': ('john', PASSWORD), 'no password': ('robot', PASSWORD)}


class LoginCase(AccountCase):
    def setUp(self):
        super().setUp()
        self.person('susan')

    def log_in_as(self, username='susan', password=PASSWORD, path='/auth/login', **fields):
        return self.visitor.submit(path, username=username, password=password, **fields)


class Login(LoginCase):
    def test_works_by_name_and_by_address_however_they_are_spelled(self):
        for name in ('susan', 'SUSAN', ' Susan ', 'susan@example.com', 'Susan@EXAMPLE.com', ' susan@example.com '):
            visitor = self.new_visitor()
            answer = visitor.submit('/auth/login', username=name, password=PASSWORD)
            self.assertEqual((302, '/'), (answer.status_code, answer.location), name)
            self.assertTrue(self.is_in(visitor), name)

    def test_leads_on_who_is_logged_in_already(self):
        self.log_in_as()
        for answer in (self.visitor.get('/auth/login?next=/settings'),
                       self.visitor.submit('/auth/login?next=/settings', page='/', username='x', password='y')):
            self.assertEqual((302, '/settings'), (answer.status_code, answer.location))
        self.assertEqual(1, self.rows(UserSession))

    def test_asks_for_both_fields(self):
        for fields in ({'username': '', 'password': ''}, {'username': ' ', 'password': '   '}, {}):
            answer = self.visitor.submit('/auth/login', **fields)
            self.assertEqual((200, 0), (answer.status_code, self.rows(UserSession)))
            self.assertEqual(2, answer.text.count('id="username-error"') + answer.text.count('id="password-error"'))

    def test_needs_the_token_of_its_page(self):
        answer = self.visitor.post('/auth/login', {'username': 'susan', 'password': PASSWORD})
        self.assertEqual((400, 0), (answer.status_code, self.rows(UserSession)))

    def test_lets_in_who_has_not_confirmed_the_address(self):
        self.change('susan', confirm_by=utcnow() + timedelta(days=1))
        self.assertEqual(302, self.log_in_as().status_code)

    def test_makes_an_old_hash_anew(self):
        from argon2 import PasswordHasher
        self.change('susan', password_hash=PasswordHasher(memory_cost=1024, time_cost=1).hash(PASSWORD))
        self.log_in_as(password='wrong words')
        self.assertTrue(hashing.needs_rehash(self.value(sa.select(User.password_hash))))
        self.assertEqual(302, self.log_in_as().status_code)
        self.assertFalse(hashing.needs_rehash(self.value(sa.select(User.password_hash))))

    def test_takes_the_first_of_repeated_fields(self):
        self.assertEqual(302, self.log_in_as(['susan', 'nobody'], [PASSWORD, 'wrong']).status_code)

    def test_says_in_the_readers_language_what_is_wrong(self):
        self.visitor.headers['Accept-Language'] = 'ar'
        self.assertIn('dir="rtl"', self.log_in_as(password='wrong').text)


class Failure(LoginCase):
    def setUp(self):
        super().setUp()
        self.person('john', suspended_at=utcnow())
        self.person('robot')
        self.change('robot', password_hash=None)

    def test_has_one_message_and_keeps_the_name_but_never_the_password(self):
        for title, (name, password) in FAILURES.items():
            answer = self.log_in_as(name, password)
            self.assertEqual(200, answer.status_code, title)
            self.assertIn(WRONG, answer.text, title)
            self.assertIn(f'value="{name}"', answer.text)
            self.assertNotIn(password, answer.text)
        self.assertEqual(0, self.rows(UserSession))

    def test_has_one_page_but_for_the_name(self):
        pages = set()
        for name, password in FAILURES.values():
            page = self.log_in_as(name, password).text.replace(name, 'NAME')
            pages.add(page.partition('<main')[2].partition('</main>')[0].partition('csrf')[0])
        self.assertEqual(1, len(pages))

    def test_takes_the_same_work(self):
        seen = {}
        for title, (name, password) in FAILURES.items():
            hidden = hidden_fields(self.visitor.get('/auth/login').text)
            with self.work() as work:
                self.visitor.post('/auth/login', {**hidden, 'username': name, 'password': password})
            seen[title] = (work.hashes, work.statements, work.tasks)
        self.assertEqual({title: (['verify'], ['SELECT', *NOTED], 0) for title in FAILURES}, seen)

    def test_absurd_names_and_passwords_are_only_wrong(self):
        absurd = ('n' * 10_000, 'é' * 100_000, 'a@' + 'é' * 100_000, '@', '@@', 'a@b@c', "' OR 1=1 --", '%', '_',
                  '9' * 300, '\U0001f600', '\u202egro', '\ufeff', '<script>alert(1)</script>', '../../etc', '\x07')
        hidden = hidden_fields(self.visitor.get('/auth/login').text)
        for text in absurd:
            for name, password in ((text, PASSWORD), ('susan', text)):
                answer = self.visitor.post('/auth/login', {**hidden, 'username': name, 'password': password})
                self.assertEqual(200, answer.status_code, ascii(text[:20]))
                self.assertNotIn('<script>alert', answer.text)
        self.assertEqual(0, self.rows(UserSession))

    def test_nul_and_broken_utf8_are_refused_with_a_page(self):
        self.assertEqual(400, self.log_in_as('susan\0').status_code)
        self.assertEqual(400, self.log_in_as(password=PASSWORD + '\0').status_code)
        answer = self.visitor.post('/auth/login', b'username=%ff%fe&password=x',
                                   content_type='application/x-www-form-urlencoded')
        self.assertEqual(400, answer.status_code)
        self.assertEqual(302, self.log_in_as().status_code)

    def test_a_password_longer_than_any_is_wrong_though_it_begins_right(self):
        self.change('susan', password_hash=hashing.hash_password('p' * 127 + 'x'))
        self.assertEqual(200, self.log_in_as(password='p' * 127 + 'xx').status_code)
        self.assertEqual(302, self.log_in_as(password='p' * 127 + 'x').status_code)

    def test_sends_nothing(self):
        self.log_in_as(password='wrong')
        self.assertEqual(0, self.rows(Task))


class Next(LoginCase):
    HOSTILE = ('//evil.example', '///evil.example', '////evil.example', '/\\evil.example', '\\\\evil.example',
               'https:evil.example', 'https:/evil.example', 'https://evil.example', 'HTTPS://evil.example',
               'http:///evil.example', 'javascript:alert(1)', 'data:text/html,x', 'evil.example', '@evil.example',
               '/\t/evil.example', '/\n/evil.example', '\t//evil.example', ' //evil.example', '/ /evil.example',
               '\x01//evil.example', '/\r\nSet-Cookie: a=b', '/x\\..\\\\evil', './/evil.example', '', '?', '#',
               'ftp://evil.example', '//evil.example@localhost', 'http://localhost:5000/settings', '/\x7f/evil',
               '//[::1', '//localhost:5000', ';//evil.example', '/\\/evil.example', 'settings')

    def test_leads_to_paths_of_this_site(self):
        for path in ('/settings', '/explore?before=5', '/user/susan#top', '/@susan', '/search?q=a%2Fb&x=//evil.example',
                     '/%2Fevil.example', '/%5Cevil.example', '/.//evil.example'):
            visitor = self.new_visitor()
            page = visitor.get('/auth/login', query_string={'next': path}).request.full_path
            answer = visitor.submit(page, username='susan', password=PASSWORD)
            self.assertEqual((302, path), (answer.status_code, answer.location))

    @mock.patch('app.hashing.verify_password', lambda hash, password: True)  # many log-ins, and not about hashes
    def test_leads_nowhere_else_whatever_the_spelling(self):
        for target in self.HOSTILE:
            visitor = self.new_visitor()
            page = visitor.get('/auth/login', query_string={'next': target})
            fields = {**hidden_fields(page.text), 'username': 'susan', 'password': PASSWORD, 'next': target}
            answer = visitor.post(page.request.full_path, fields)
            self.assertEqual((302, '/'), (answer.status_code, answer.location), ascii(target))

    def test_never_leads_who_is_logged_in_elsewhere(self):
        self.log_in_as()
        for target in self.HOSTILE:
            for options in ({'query_string': {'next': target}}, {'query_string': {'next': [target, '/settings']}}):
                answer = self.visitor.get('/auth/login', **options)
                self.assertEqual((302, '/'), (answer.status_code, answer.location), ascii(target))

    def test_brings_back_to_the_page_that_asked_for_login(self):
        for path in ('/settings/sessions', '/edit_profile?x=1&y=%2F', '/settings/email'):
            asked = self.visitor.get(path)
            self.assertEqual(302, asked.status_code)
            answer = self.new_visitor().submit(asked.location, username='susan', password=PASSWORD)
            self.assertEqual(path, answer.location)

    def test_is_left_out_for_the_home_page(self):
        self.assertEqual('/auth/login', self.visitor.get('/').location)
