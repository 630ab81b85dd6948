"""Resetting a password by mail: one answer for everybody, a link that works once and within an hour."""
from time import time
from unittest import mock

import jwt
import sqlalchemy as sa

from app import db, tokens
from app.models import Task, User, UserSession, utcnow
from tests.accounts import AccountCase, LetterCase
from tests.base import PASSWORD, hidden_fields

NEW = 'eight brown bottles'
RESET, CHANGED = 'Set a new password for Microblog', 'Your password on Microblog was changed'
PAGE = '/auth/reset_password_request'


class ResetCase(LetterCase):
    def setUp(self):
        super().setUp()
        self.person('susan')

    def ask(self, address='susan@example.com', visitor=None):
        return (visitor or self.visitor).submit(PAGE, email=address)

    def path(self) -> str:
        """The link of a letter that was asked for."""
        self.ask()
        return self.link()

    def set(self, path, password=NEW, password2=None, page=None):
        return self.visitor.submit(path, page=page, password=password,
                                   password2=password if password2 is None else password2)

    def fits(self, password) -> bool:
        with self.app.app_context():
            return self.find('susan').check_password(password)


class Ask(ResetCase):
    def test_sends_a_link_however_the_address_is_spelled(self):
        for address in ('susan@example.com', ' SUSAN@Example.com '):
            answer = self.ask(address)
            self.assertEqual((302, '/auth/login'), (answer.status_code, answer.location))
        self.assertEqual([('susan@example.com', RESET)] * 2, self.arrived())

    def test_answers_the_same_with_the_same_work_for_nobodys_address(self):
        self.person('john', suspended_at=utcnow())
        seen = []
        for address in ('susan@example.com', 'nobody@example.com', 'john@example.com', 'SUSAN@example.com'):
            visitor = self.new_visitor()
            hidden = hidden_fields(visitor.get(PAGE).text)
            with self.work() as work:
                answer = visitor.post(PAGE, {**hidden, 'email': address})
            page = visitor.get('/auth/login').text.partition('<main')[2].partition('csrf_token')[0]
            seen.append((answer.status_code, answer.location, page, work.hashes, work.statements, work.tasks))
        self.assertEqual([seen[0]] * 4, seen)
        self.assertEqual(([], ['INSERT'], 1), seen[0][3:])

    def test_sends_nothing_to_nobody_and_nobody_who_is_suspended(self):
        self.person('john', suspended_at=utcnow())
        self.ask('nobody@example.com')
        self.ask('john@example.com')
        self.assertEqual([], self.arrived())

    def test_says_at_the_field_what_is_no_address(self):
        for address, words in (('', 'Fill this in.'), ('susan', 'Enter an e-mail address'),
                               ('a@b@example.com', 'Enter an e-mail address'), ('x' * 10_000, 'at most 120')):
            answer = self.ask(address)
            self.assertEqual(200, answer.status_code)
            self.assertIn(words, answer.text.partition('id="email-error"')[2])
        self.assertEqual(0, self.rows(Task))

    def test_leads_who_is_logged_in_to_the_change_of_password(self):
        susan = self.log_in('susan')
        for answer in (susan.get(PAGE), susan.submit(PAGE, page='/', email='susan@example.com')):
            self.assertEqual('/settings/password', answer.location)

    def test_needs_the_token_of_its_page(self):
        self.assertEqual(400, self.visitor.post(PAGE, {'email': 'susan@example.com'}).status_code)
        self.assertEqual(0, self.rows(Task))

    def test_the_letter_is_in_the_language_of_its_reader(self):
        self.change('susan', language='ar')
        self.ask()
        self.run_tasks()
        self.assertIn('dir="rtl"', self.mailbox.html())

    def test_the_link_leads_to_this_site_whatever_the_host_header_said(self):
        self.visitor.headers |= {'Host': '127.0.0.1:99', 'X-Forwarded-Host': 'evil.example'}
        self.ask()
        self.run_tasks()
        whole = self.mailbox.letters[0].as_string()
        self.assertIn('http://localhost:5000/auth/reset_password/', self.mailbox.text())
        self.assertNotIn('evil.example', whole)
        self.assertNotIn(':99', whole)

    def test_the_link_is_kept_nowhere_once_the_letter_is_sent(self):
        self.ask()
        token = self.link().rpartition('/')[2]
        with self.app.app_context():
            stored = [str((task.arguments, task.error)) for task in db.session.scalars(sa.select(Task))]
        self.assertNotIn(token, ' '.join(stored))
        self.assertNotIn('susan@example.com', ' '.join(stored))


class Set(ResetCase):
    def test_sets_the_password_ends_every_session_and_tells_the_owner(self):
        before = self.log_in('susan')
        answer = self.set(self.path())
        self.assertEqual((302, '/auth/login'), (answer.status_code, answer.location))
        self.assertEqual((True, False), (self.fits(NEW), self.fits(PASSWORD)))
        self.assertFalse(self.is_in(before))
        self.assertFalse(self.is_in(self.visitor))
        self.assertEqual(('susan@example.com', CHANGED), self.arrived()[-1])

    def test_looking_at_the_page_changes_nothing(self):
        path = self.path()
        for _time in range(3):
            self.assertEqual(200, self.visitor.get(path).status_code)
        self.assertEqual(302, self.set(path).status_code)

    def test_works_once(self):
        path = self.path()
        self.set(path)
        for answer in (self.visitor.get(path), self.set(path, 'a third password', page='/auth/login')):
            self.assertEqual(403, answer.status_code)
            self.assertIn('This link does not work any more', answer.text)
        self.assertTrue(self.fits(NEW))

    def test_of_eight_at_one_moment_one_wins(self):
        path, forms = self.path(), []
        for number in range(8):
            visitor, password = self.new_visitor(), f'password of browser {number}'
            form = {**hidden_fields(visitor.get(path).text), 'password': password, 'password2': password}
            forms.append(lambda visitor=visitor, form=form: visitor.post(path, form).status_code)
        statuses = self.at_once(*forms)
        self.assertEqual([302] + [403] * 7, sorted(statuses))
        self.assertTrue(self.fits(f'password of browser {statuses.index(302)}'))
        self.assertEqual(1, [subject for _to, subject in self.arrived()].count(CHANGED))

    def test_says_at_the_field_what_is_wrong_and_stays_good(self):
        path = self.path()
        for password, second, words in (('short', None, 'at least 8'), ('password1', None, 'Many people use'),
                                        ('susan-1234', None, 'other than your name'), (NEW, 'other', 'differ'),
                                        ('x' * 129, None, 'at most 128'), ('', None, 'Fill this in.')):
            answer = self.set(path, password, second)
            self.assertEqual(200, answer.status_code)
            self.assertIn(words, answer.text)
            self.assertNotIn(f'value="{NEW}"', answer.text)
        self.assertTrue(self.fits(PASSWORD))
        self.assertEqual(302, self.set(path).status_code)

    def test_needs_the_token_of_its_page(self):
        path = self.path()
        self.assertEqual(400, self.visitor.post(path, {'password': NEW, 'password2': NEW}).status_code)
        self.assertTrue(self.fits(PASSWORD))

    def test_proves_the_address(self):
        self.change('susan', confirm_by=utcnow())
        self.set(self.path())
        self.assertIsNone(self.value(sa.select(User.confirm_by)))

    def test_ends_the_session_of_whoever_uses_the_link_for_good(self):
        path, john = self.path(), self.log_in('john')
        copy, self.visitor = self.copy(john), john
        self.assertEqual(302, self.set(path).status_code)
        self.assertEqual((False, False, 0), (self.is_in(john), self.is_in(copy), self.rows(UserSession)))

    def test_the_page_is_kept_by_no_cache_and_tells_nobody_its_address(self):
        headers = self.visitor.get(self.path()).headers
        self.assertEqual(('no-store', 'no-referrer'), (headers['Cache-Control'], headers['Referrer-Policy']))


class Dies(ResetCase):
    """What ends a link that was not used."""

    def is_dead(self, path) -> bool:
        return self.visitor.get(path).status_code == 403 and self.set(path, page='/auth/login').status_code == 403

    def test_another_link_that_was_used(self):
        first, second = self.path(), self.path()
        self.set(second)
        self.assertTrue(self.is_dead(first))

    def test_a_change_of_password_or_address_and_suspension(self):
        for act in (lambda user: user.set_password(NEW), lambda user: user.renew_stamp(),
                    lambda user: setattr(user, 'suspended_at', utcnow())):
            path = self.path()
            with self.app.app_context():
                act(self.find('susan'))
                db.session.commit()
            self.assertTrue(self.is_dead(path))

    def test_an_hour(self):
        for seconds, dead in ((3500, False), (3601, True)):
            with mock.patch('app.tokens.time', lambda seconds=seconds: time() - seconds):
                path = self.path()
            self.assertEqual(dead, self.visitor.get(path).status_code == 403)

    def test_no_more_than_an_hour_even_when_asked_for(self):
        with self.app.app_context():
            token = self.find('susan').get_reset_password_token(10 ** 9)
            self.assertLessEqual(tokens.read('reset_password', token)['exp'], time() + 3600)

    def test_the_end_of_the_account(self):
        path = self.path()
        with self.app.app_context():
            db.session.execute(sa.delete(User))
            db.session.commit()
        self.assertTrue(self.is_dead(path))

    def test_any_change_to_it_another_purpose_another_key_and_no_signature(self):
        token = self.path().rpartition('/')[2]
        with self.app.app_context():
            user = self.find('susan')
            claims = {'reset_password': user.id, 'stamp': tokens.fingerprint(user.security_stamp), 'exp': time() + 60}
            made = [tokens.sign(purpose, claims, 60) for purpose in ('confirm_email', 'change_email', '')]
            made += [tokens.sign('reset_password', {**claims, **wrong}, 60) for wrong in (
                {'stamp': ''}, {'stamp': None}, {'reset_password': str(user.id)}, {'reset_password': None},
                {'reset_password': {}}, {'reset_password': user.id + 1})]
        made += [jwt.encode(claims, key, algorithm='HS256') for key in (
            'my_precious' * 3, 'you-will-never-guess' * 2, self.app.secret_key)]
        made.append(jwt.encode(claims, None, algorithm='none'))
        made += [token[:-2], token + 'A', token.rpartition('.')[0] + '.', 'x', '.', '..', 'a.b.c', '9' * 300, 'é' * 50]
        for wrong in made:
            self.assertTrue(self.is_dead(f'/auth/reset_password/{wrong}'), wrong[:60])
        self.assertTrue(self.fits(PASSWORD))

    def test_not_a_new_secret_key_that_keeps_the_old_one_as_a_fallback(self):
        path, old = self.path(), self.app.secret_key
        new = 'a new key with more than thirty-two bytes'
        with mock.patch.dict(self.app.config, SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old]):
            self.assertEqual(200, self.visitor.get(path).status_code)
        with mock.patch.dict(self.app.config, SECRET_KEY=new):
            self.assertEqual(403, self.visitor.get(path).status_code)


class WithoutMail(AccountCase):
    def test_a_site_without_mail_says_so_and_promises_nothing(self):
        self.person('susan')
        answers = self.visitor.get(PAGE), self.visitor.submit(PAGE, page='/auth/login', email='susan@example.com')
        for answer in answers:
            self.assertEqual(200, answer.status_code)
            self.assertIn('This site sends no e-mail.', answer.text)
        self.assertEqual(0, self.rows(Task))
