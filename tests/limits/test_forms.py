"""Every form counts: who may send how many, what a refusal says, and that nothing typed is lost by it."""
import time
from unittest import mock

from app import db
from app.models import Message, Post, RateLimit, Task, User
from tests.base import PASSWORD, hidden_fields
from tests.limits.base import LimitCase, SmallLimits
from tests.world import WorldCase


class Posts(LimitCase):
    def test_are_limited_for_an_account_and_for_nobody_else(self):
        susan, again, john = self.log_in('susan'), self.log_in('susan'), self.log_in('john')
        forms = (susan, '/'), (again, '/post/new'), (susan, '/index'), (susan, '/')
        said = [visitor.submit(path, post=f'Post {n}').status_code for n, (visitor, path) in enumerate(forms)]
        self.assertEqual([302, 302, 302, 429], said)
        self.assertEqual(302, john.submit('/', post='Hello').status_code)
        self.assertEqual(4, self.rows(Post))

    def test_that_are_too_many_are_offered_again(self):
        susan = self.log_in('susan')
        for n in range(3):
            susan.submit('/', post=f'Post {n}')
        refused = susan.submit('/', post='<b>Nothing</b> is lost\nhere & now')
        self.assertIn('&lt;b&gt;Nothing&lt;/b&gt; is lost\nhere &amp; now</textarea>', refused.text)
        self.counts.reset()
        again = susan.post('/', {**hidden_fields(refused.text), 'post': 'Nothing is lost'})
        self.assertEqual((302, 'Nothing is lost'), (again.status_code, self.bodies()[-1]))


class Messages(LimitCase):
    def test_are_limited_for_an_account_to_whomever_they_go(self):
        susan, john = self.log_in('susan'), self.log_in('john')
        self.person('mary')
        forms = ('/send_message/john', {}), ('/messages/new', {'recipient': 'mary'}), ('/send_message/mary', {})
        said = [susan.submit(path, message=f'Hello {n}', **fields).status_code
                for n, (path, fields) in enumerate((*forms, forms[0]))]
        self.assertEqual([302, 302, 302, 429], said)
        self.assertEqual(302, john.submit('/send_message/susan', message='Hello').status_code)
        self.assertEqual(4, self.rows(Message))

    def test_that_are_too_many_are_offered_again(self):
        self.person('john')
        susan = self.log_in('susan')
        for n in range(3):
            susan.submit('/send_message/john', message=f'Hello {n}')
        refused = susan.submit('/send_message/john', message='Nothing is <i>lost</i>')
        self.assertIn('Nothing is &lt;i&gt;lost&lt;/i&gt;</textarea>', refused.text)
        self.assertIn('Your message', refused.text)
        self.assertIn('action="/send_message/john"', refused.text)


class Registrations(LimitCase):
    FORM = {'password': PASSWORD, 'password2': PASSWORD}

    def make(self, address: str, name: str):
        return self.at(address).submit('/auth/register', username=name, email=f'{name}@example.com', **self.FORM)

    def test_are_limited_for_an_address(self):
        said = [self.make('198.51.100.1', f'name{n}').status_code for n in range(4)]
        self.assertEqual([302, 302, 302, 429], said)
        self.assertEqual(302, self.make('198.51.100.2', 'other').status_code)
        self.assertEqual(4, self.rows(User))

    def test_also_when_they_only_look_for_names_that_are_taken(self):
        self.person('susan')
        self.assertEqual([200, 200, 200, 429], [self.make('198.51.100.1', 'susan').status_code for _ in range(4)])

    def test_that_are_too_many_keep_what_was_typed_but_no_password(self):
        for n in range(3):
            self.make('198.51.100.1', f'name{n}')
        refused = self.make('198.51.100.1', 'fourth')
        self.assertIn('value="fourth@example.com"', refused.text)
        self.assertNotIn(PASSWORD, refused.text)
        self.assertIn('name="password2" type="password"', refused.text)


class RegistrationsInAll(Registrations):
    class config(SmallLimits):
        LIMIT_REGISTER_ALL = '3 per 5 minute'

    def test_are_limited_for_an_address(self):
        said = [self.make(f'198.51.100.{n}', f'name{n}').status_code for n in range(4)]
        self.assertEqual([302, 302, 302, 429], said)


class Resets(LimitCase):
    def setUp(self):
        super().setUp()
        self.turn_mail_on()

    def ask(self, address: str, mail: str) -> int:
        return self.at(address).submit('/auth/reset_password_request', email=mail).status_code

    def test_are_limited_for_a_mail_address_known_or_not_in_every_spelling(self):
        self.person('susan')
        for name in ('susan', 'nobody'):
            said = [self.ask(f'198.51.{len(name)}.{n}', mail) for n, mail in enumerate(
                (f'{name}@example.com', f'{name}@EXAMPLE.com', f' {name.upper()}@example.com', f'{name}@example.com'))]
            self.assertEqual([302, 302, 302, 429], said)

    def test_count_a_mail_address_however_much_is_put_before_it(self):
        said = [self.ask(f'198.51.100.{n}', ' ' * (320 - n) + 'susan@example.com') for n in range(4)]
        self.assertEqual([302, 302, 302, 429], said)

    def test_are_limited_for_an_address(self):
        self.assertEqual([302, 302, 302, 429], [self.ask('198.51.100.1', f'a{n}@example.com') for n in range(4)])
        self.assertEqual(302, self.ask('198.51.100.2', 'a9@example.com'))


class Addresses(LimitCase):
    def setUp(self):
        super().setUp()
        self.turn_mail_on()

    def change(self, visitor, mail: str) -> int:
        return visitor.submit('/settings/email', email=mail, current_password=PASSWORD).status_code

    def test_of_others_get_few_letters_from_one_account(self):
        susan = self.log_in('susan')
        said = [self.change(susan, f'name{n}@example.org') for n in range(4)]
        self.assertEqual(([302, 302, 302, 429], 3), (said, self.rows(Task)))

    def test_get_few_letters_from_all_accounts(self):
        people = [self.log_in(name) for name in ('susan', 'john', 'mary', 'eve')]
        spellings = 'victim@example.org', ' Victim@example.org', 'victim@EXAMPLE.org', 'victim@example.org'
        said = [self.change(*pair) for pair in zip(people, spellings, strict=True)]
        self.assertEqual(([302, 302, 302, 429], 3), (said, self.rows(Task)))

    def test_get_few_letters_from_those_who_register_with_them(self):
        said = [self.at(f'198.51.100.{n}').submit(
            '/auth/register', username=f'name{n}', email='victim@example.org', password=PASSWORD,
            password2=PASSWORD).status_code for n in range(4)]
        self.assertEqual(([302, 302, 302, 429], 3), (said, self.rows(Task)))


class Visitors(LimitCase):
    def test_whose_session_has_ended_hold_up_nobody_else(self):
        for path, fields in (('/', {'post': 'Hello'}), ('/settings/password', {'current_password': 'x'})):
            for n in range(5):
                visitor = self.at(f'198.51.100.{n}')
                said = visitor.submit(path, page='/auth/login', **fields)
                self.assertEqual(302, said.status_code, (path, n))


class Others(LimitCase):
    class config(SmallLimits):
        LIMIT_WRITE = '4 per 5 minute'

    def test_are_limited_together_for_an_account(self):
        self.person('john')
        susan = self.log_in('susan')
        forms = ['/follow/john', '/unfollow/john', '/settings/privacy', '/follow/john', '/unfollow/john']
        said = [susan.submit(path, page='/settings').status_code for path in forms]
        self.assertEqual([302, 302, 302, 302, 429], said)
        self.assertEqual(302, self.log_in('mary').submit('/follow/john', page='/settings').status_code)

    def test_are_limited_for_visitors_by_address(self):
        said = [self.at('198.51.100.1').post('/language', {'language': 'de'}).status_code for _ in range(5)]
        self.assertEqual([302, 302, 302, 302, 429], said)
        self.assertEqual(302, self.at('198.51.100.2').post('/language', {'language': 'de'}).status_code)

    def test_do_not_count_pages_that_are_read(self):
        susan = self.log_in('susan')
        before = self.counted()
        with mock.patch.object(type(self.counts), 'incr', side_effect=AssertionError):
            for path in ('/', '/explore', '/settings', '/user/susan', '/auth/login', '/nowhere'):
                for method in ('GET', 'HEAD', 'OPTIONS'):
                    self.assertNotEqual(500, susan.client.open(path, method=method).status_code)
        self.assertEqual(before, self.counted())

    def counted(self) -> list:
        with self.app.app_context():
            return sorted(db.session.execute(db.select(RateLimit.bucket, RateLimit.hits)).all())


class Refusals(LimitCase):
    class config(SmallLimits):
        LIMIT_WRITE = '1 per 90 second'

    def refusal(self, **headers):
        visitor = self.new_visitor(**headers)
        visitor.post('/language', {'language': 'en', 'next': '/about'})
        return visitor.post('/language', {'language': 'de', 'next': '/about'})

    def test_say_how_long_to_wait(self):
        refused = self.refusal()
        self.assertEqual(429, refused.status_code)
        self.assertIn(int(refused.headers['Retry-After']), (89, 90))
        self.assertIn('Wait 2 minutes, then send it again.', refused.text)
        self.assertEqual('no-store', refused.headers['Cache-Control'])
        self.assertIn('Content-Security-Policy', refused.headers)

    def test_say_so_as_json_where_that_was_asked(self):
        refused = self.refusal(Accept='application/json')
        self.assertEqual((429, 429), (refused.status_code, refused.json['error']))
        self.assertIn('Wait 2 minutes', refused.json['message'])
        self.assertIn('Retry-After', refused.headers)

    def test_offer_the_form_again(self):
        refused = self.refusal()
        self.assertIn('action="/language"', refused.text)
        self.assertIn('<input type="hidden" name="next" value="/about">', refused.text)

    def test_are_one_line_in_the_log_however_many_there_are(self):
        with self.assertLogs('app.events') as log:
            for _ in range(5):
                self.refusal()
        lines = [line for line in log.output if 'event=limit_reached' in line]
        self.assertEqual(1, len(lines))
        self.assertIn('limit=form', lines[0])

    def test_tell_nobody_who_was_counted(self):
        self.at('198.51.100.77').post('/language', {})
        with self.app.app_context():
            bucket, = db.session.scalars(db.select(RateLimit.bucket))
        self.assertNotIn('198.51', bucket)


class Switch(WorldCase):
    class config(SmallLimits):
        LIMIT_WRITE = '1 per 5 minute'
        RATELIMIT_ENABLED = False

    def test_turned_off_limits_nothing(self):
        said = [self.new_visitor().post('/language', {}).status_code for _ in range(5)]
        self.assertEqual(([302] * 5, 0), (said, self.rows(RateLimit)))


class Windows(LimitCase):
    class config(SmallLimits):
        LIMIT_WRITE = '2 per 1 second; 3 per 5 minute'

    def test_end_and_several_hold_together(self):
        visitor = self.new_visitor()
        said = [visitor.post('/language', {}).status_code for _ in range(3)]
        time.sleep(1.1)
        said += [visitor.post('/language', {}).status_code for _ in range(2)]
        self.assertEqual([302, 302, 429, 302, 429], said)
