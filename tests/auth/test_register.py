"""Making an account on a site without mail: usable at once, and what cannot be taken is said at the field."""
from unittest import mock

import sqlalchemy as sa

from app import db, hashing
from app.models import FormerUsername, Task, User, utcnow
from tests.accounts import AccountCase
from tests.base import PASSWORD, hidden_fields
from tests.world import LiveConfig

FORM = {'username': 'susan', 'email': 'susan@example.com', 'password': PASSWORD, 'password2': PASSWORD}


class RegisterCase(AccountCase):
    def register(self, visitor=None, **fields):
        return (visitor or self.visitor).submit('/auth/register', **{**FORM, **fields})

    def error(self, field, page):
        """What the page says at a field."""
        return page.partition(f'id="{field}-error"')[2].partition('<span>')[2].partition('</span>')[0]


class Register(RegisterCase):
    def test_makes_an_account_that_is_usable_at_once(self):
        answer = self.register()
        self.assertEqual((302, '/auth/login?next=/welcome'), (answer.status_code, answer.location))
        self.assertIn('Your account is ready.', self.visitor.get('/auth/login').text)
        susan = self.log_in('susan')
        susan.submit('/', post='hello')
        self.assertEqual(['hello'], self.bodies())
        self.assertEqual(0, self.rows(Task))

    def test_stores_a_hash_and_the_name_as_typed(self):
        self.register(username='SuSan_1', email='Susan@EXAMPLE.com')
        with self.app.app_context():
            user = self.find('SuSan_1')
            self.assertEqual(('susan_1', 'susan@example.com'), (user.username_key, user.email_key))
            self.assertTrue(user.check_password(PASSWORD))
            self.assertNotIn(PASSWORD, user.password_hash)
            self.assertFalse(user.is_admin)

    def test_takes_no_column_that_is_not_in_the_form(self):
        self.register(is_admin='1', id='7', confirm_by='', suspended_at='x', followers_number='9')
        with self.app.app_context():
            user = self.find('susan')
            self.assertEqual((False, 0), (user.is_admin, user.followers_number))

    def test_remembers_the_language_of_the_page(self):
        self.visitor.headers['Accept-Language'] = 'de'
        self.register()
        self.assertEqual('de', self.value(sa.select(User.language)))

    def test_leads_on_who_is_logged_in(self):
        john = self.log_in('john')
        for answer in (john.get('/auth/register'), self.register(john)):
            self.assertEqual((302, '/'), (answer.status_code, answer.location))
        self.assertEqual(1, self.rows(User))

    def test_needs_the_token_of_its_page(self):
        self.assertEqual((400, 0), (self.visitor.post('/auth/register', FORM).status_code, self.rows(User)))


class Refusal(RegisterCase):
    def test_is_said_at_the_field_and_what_was_typed_is_kept(self):
        for field, value, words in (
                ('username', 'no spaces', 'only letters from A to Z'),
                ('username', 'p\u0430ypal', 'only letters from A to Z'),
                ('username', 's' * 31, 'at most 30'), ('username', '___', 'at least one letter or digit'),
                ('username', 'ADMIN', 'This username is taken.'), ('username', '', 'Fill this in.'),
                ('username', 'a/b', 'only letters'), ('username', 'n' * 10_000, 'at most 30'),
                ('email', 'susan', 'Enter an e-mail address'), ('email', 'a@b@c.org', 'Enter an e-mail address'),
                ('email', f'{"s" * 120}@example.com', 'at most 120'), ('email', '', 'Fill this in.'),
                ('email', '\u0455usan@example.com', 'use only A to Z'),
                ('email', 'a@example.com\r\nBcc: b@example.com', 'Enter an e-mail address')):
            answer = self.register(**{field: value})
            self.assertEqual(200, answer.status_code, ascii(value))
            self.assertIn(words, self.error(field, answer.text), ascii(value))
            for name in {'username', 'email'} - {field}:
                self.assertIn(f'value="{FORM[name]}"', answer.text)
            self.assertIn(value.partition('\r')[0], answer.text)
            self.assertNotIn(PASSWORD, answer.text)
        self.assertEqual(0, self.rows(User))

    def test_of_a_password_says_why(self):
        for password, words in (('short', 'at least 8'), ('p' * 8, 'one character repeated'),
                                ('x' * 129, 'at most 128'),
                                ('password1', 'Many people use'), ('susan-2024', 'other than your name'),
                                ('microblog1', 'other than your name'), ('', 'Fill this in.')):
            answer = self.register(password=password, password2=password)
            self.assertIn(words, self.error('password', answer.text), password)
        self.assertIn('differ', self.error('password2', self.register(password2='another one').text))
        self.assertEqual(0, self.rows(User))

    def test_of_a_password_costs_no_hash(self):
        hidden = hidden_fields(self.visitor.get('/auth/register').text)
        for fields in ({'password': 'x' * 100_000, 'password2': 'x' * 100_000}, {'username': 'not a name'}):
            with self.work() as work:
                self.visitor.post('/auth/register', {**FORM, **hidden, **fields})
            self.assertEqual([], work.hashes)

    def test_of_several_fields_is_said_at_each(self):
        page = self.visitor.submit('/auth/register', username='', email='', password='', password2='').text
        self.assertIn('4 things to correct', page)

    def test_of_a_taken_name_or_address_however_it_is_spelled(self):
        self.person('John')
        for name in ('john', 'JOHN', 'John'):
            self.assertEqual('This username is taken.', self.error('username', self.register(username=name).text))
        for address in ('john@example.com', 'JOHN@EXAMPLE.COM', 'John@Example.com'):
            self.assertIn('has an account already', self.error('email', self.register(email=address).text))

    def test_of_a_name_that_somebody_had_lately_sounds_like_a_taken_one(self):
        id = self.person('sue')
        self.add_former('susan', id, utcnow().replace(year=utcnow().year + 1))
        self.assertEqual('This username is taken.', self.error('username', self.register().text))

    def test_ends_with_the_reservation(self):
        id = self.person('sue')
        self.add_former('susan', id, utcnow().replace(year=2020))
        self.assertEqual(302, self.register().status_code)
        self.assertIn('/user/susan"', self.visitor.get('/search?q=susan').text)

    def test_of_nul_is_a_page(self):
        self.assertEqual(400, self.register(username='su\0san').status_code)
        self.assertEqual(400, self.register(password=PASSWORD + '\0', password2=PASSWORD + '\0').status_code)

    def add_former(self, key, id, until):
        with self.app.app_context():
            db.session.add(FormerUsername(username_key=key, user_id=id, reserved_until=until))
            db.session.commit()


class AtOnce(RegisterCase):
    """Several people at one moment."""

    def both(self, *changes):
        forms = []
        for change in changes:
            visitor = self.new_visitor()
            form = {**FORM, **hidden_fields(visitor.get('/auth/register').text), **change}
            forms.append(lambda visitor=visitor, form=form: visitor.post('/auth/register', form))
        return self.at_once(*forms)

    def test_of_two_who_take_one_name_one_wins_and_the_other_sees_a_form_error(self):
        answers = self.both({'email': 'a@example.com'}, {'email': 'b@example.com', 'username': 'SUSAN'})
        self.assertEqual([200, 302], sorted(answer.status_code for answer in answers))
        page, = [answer.text for answer in answers if answer.status_code == 200]
        self.assertEqual('This username is taken.', self.error('username', page))
        self.assertEqual(1, self.rows(User))

    def test_of_two_who_take_one_address_one_wins(self):
        answers = self.both({'username': 'susan1'}, {'username': 'susan2', 'email': 'SUSAN@example.com'})
        self.assertEqual([200, 302], sorted(answer.status_code for answer in answers))
        page, = [answer.text for answer in answers if answer.status_code == 200]
        self.assertIn('has an account already', self.error('email', page))
        self.assertEqual(1, self.rows(User))

    def test_of_eight_with_one_name_one_wins(self):
        hash = hashing.hash_password(PASSWORD)
        with mock.patch.object(hashing, 'hash_password', return_value=hash):
            answers = self.both(*({'email': f'{number}@example.com'} for number in range(8)))
        self.assertEqual([200] * 7 + [302], sorted(answer.status_code for answer in answers))
        self.assertEqual(1, self.rows(User))


class ClosedConfig(LiveConfig):
    REGISTRATION = 'closed'


class Closed(RegisterCase):
    config = ClosedConfig

    def test_a_site_without_registration_says_so_and_makes_no_account(self):
        answers = self.visitor.get('/auth/register'), self.visitor.submit('/auth/register', page='/auth/login', **FORM)
        for answer in answers:
            self.assertEqual(403, answer.status_code)
            self.assertIn('takes no new accounts', answer.text)
        self.assertEqual(0, self.rows(User))


class Private(LiveConfig):
    SITE_CLOSED = True


class ClosedSite(RegisterCase):
    config = Private

    def test_lets_visitors_reach_only_what_logs_them_in(self):
        self.person('susan')
        for path in ('/auth/login', '/auth/register', '/auth/reset_password_request'):
            self.assertEqual(200, self.visitor.get(path).status_code, path)
        for path in ('/explore', '/user/susan', '/search?q=susan', '/about', '/post/1', '/user/nobody', '/nowhere'):
            self.assertIn('/auth/login', self.visitor.get(path).location or '', path)
        self.assertEqual(200, self.log_in('susan').get('/explore').status_code)
