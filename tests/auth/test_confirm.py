"""Making an account on a site with mail: one answer for free and taken addresses, and the link that confirms."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from app import db, tokens
from app.models import Task, User, utcnow
from app.services import accounts
from tests.accounts import LetterCase
from tests.base import PASSWORD, hidden_fields

FORM = {'username': 'susan', 'email': 'susan@example.com', 'password': PASSWORD, 'password2': PASSWORD}
CONFIRM, TAKEN = 'Confirm your address for Microblog', 'You have an account on Microblog already'


class RegisterCase(LetterCase):
    def register(self, visitor=None, **fields):
        return (visitor or self.visitor).submit('/auth/register', **{**FORM, **fields})

    def is_confirmed(self, username='susan') -> bool:
        return self.value(sa.select(User.confirm_by).where(User.username == username)) is None


class Register(RegisterCase):
    def test_sends_a_letter_and_waits_for_its_link(self):
        answer = self.register()
        self.assertEqual((302, '/auth/login?next=/welcome'), (answer.status_code, answer.location))
        self.assertIn('an e-mail to susan@example.com', self.visitor.get('/auth/login').text)
        self.assertEqual([('susan@example.com', CONFIRM)], self.arrived())
        left = self.value(sa.select(User.confirm_by)) - utcnow()
        self.assertAlmostEqual(7 * 86400, left.total_seconds(), delta=60)

    def test_answers_the_same_for_a_taken_address_and_tells_its_owner(self):
        self.person('owner', email='Taken@example.com')
        pages = []
        for address in ('free@example.com', 'taken@example.com', 'TAKEN@EXAMPLE.COM'):
            visitor = self.new_visitor()
            answer = self.register(visitor, email=address, username=f'n{len(pages)}')
            page = visitor.get(answer.location).text.replace(address, 'ADDRESS')
            pages.append((answer.status_code, answer.location, page.partition('<main')[2].partition('csrf_token')[0]))
        self.assertEqual(1, len(set(pages)))
        self.assertEqual(2, self.rows(User))
        self.assertEqual([('free@example.com', CONFIRM), ('Taken@example.com', TAKEN), ('Taken@example.com', TAKEN)],
                         sorted(self.arrived(), key=lambda letter: letter[0].lower()))

    def test_takes_the_same_work_for_a_taken_address(self):
        self.person('owner', email='taken@example.com')
        seen = []
        for address in ('free@example.com', 'taken@example.com'):
            hidden = hidden_fields(self.visitor.get('/auth/register').text)
            form = {**FORM, **hidden, 'email': address, 'username': f'n{len(seen)}'}
            with self.work() as work:
                self.visitor.post('/auth/register', form)
            seen.append((work.hashes, len(work.statements), work.tasks))
        self.assertEqual(seen[0], seen[1])
        self.assertEqual((['hash'], 1), (seen[0][0], seen[0][2]))

    def test_still_refuses_a_taken_name_at_the_field(self):
        self.person('susan', email='other@example.com')
        for address in ('free@example.com', 'other@example.com'):
            answer = self.register(email=address)
            self.assertIn('This username is taken.', answer.text)
        self.assertEqual([], self.arrived())

    def test_of_two_with_one_address_at_one_moment_neither_learns_of_the_other(self):
        forms = []
        for name in ('susan', 'john'):
            visitor = self.new_visitor()
            form = {**FORM, **hidden_fields(visitor.get('/auth/register').text), 'username': name}
            forms.append(lambda visitor=visitor, form=form: visitor.post('/auth/register', form))
        self.assertEqual([302, 302], [answer.status_code for answer in self.at_once(*forms)])
        self.assertEqual(1, self.rows(User))
        self.assertEqual([('susan@example.com', CONFIRM), ('susan@example.com', TAKEN)], sorted(self.arrived()))

    def test_leaves_who_is_not_confirmed_reading_but_not_writing(self):
        self.register()
        self.person('john')
        susan = self.log_in('susan')
        for path, fields in (('/', {'post': 'hello'}), ('/follow/john', {})):
            self.assertEqual(403, susan.submit(path, page='/explore', **fields).status_code)
        for path in ('/', '/explore', '/user/john', '/settings'):
            self.assertEqual(200, susan.get(path).status_code)
        self.assertEqual([], self.bodies())


class Confirm(RegisterCase):
    def setUp(self):
        super().setUp()
        self.register()
        self.path = self.link()

    def test_works_by_a_click_on_the_page_of_the_link(self):
        page = self.visitor.get(self.path)
        self.assertEqual(200, page.status_code)
        self.assertIn('susan@example.com', page.text)
        self.assertFalse(self.is_confirmed())
        answer = self.visitor.submit(self.path)
        self.assertEqual((302, '/auth/login?next=/welcome'), (answer.status_code, answer.location))
        self.assertTrue(self.is_confirmed())
        self.assertEqual(302, self.log_in('susan').submit('/', post='hello').status_code)

    def test_leads_to_the_first_steps_who_is_logged_in(self):
        self.assertEqual('/welcome', self.log_in('susan').submit(self.path).location)

    def test_works_once(self):
        self.visitor.submit(self.path)
        for answer in (self.visitor.get(self.path), self.visitor.submit(self.path, page='/auth/login')):
            self.assertEqual(403, answer.status_code)
            self.assertIn('This link does not work any more', answer.text)

    def test_of_eight_at_one_moment_one_wins(self):
        acts = []
        for _number in range(8):
            visitor = self.new_visitor()
            form = hidden_fields(visitor.get(self.path).text)
            acts.append(lambda visitor=visitor, form=form: visitor.post(self.path, form).status_code)
        self.assertEqual([302] + [403] * 7, sorted(self.at_once(*acts)))
        self.assertTrue(self.is_confirmed())

    def test_needs_the_token_of_its_page(self):
        self.assertEqual(400, self.visitor.post(self.path).status_code)
        self.assertFalse(self.is_confirmed())

    def test_refuses_what_is_forged_foreign_or_changed(self):
        token = self.path.rpartition('/')[2]
        with self.app.app_context():
            user = self.find('susan')
            stamp = tokens.fingerprint(user.security_stamp, user.email_key)
            made = [tokens.sign('confirm_email', claims, 60) for claims in (
                {'confirm_email': user.id}, {'confirm_email': user.id, 'stamp': 'x'}, {'confirm_email': None},
                {'confirm_email': str(user.id), 'stamp': stamp}, {'confirm_email': [user.id], 'stamp': stamp},
                {'confirm_email': user.id + 1, 'stamp': stamp}, {'stamp': stamp},
                {'confirm_email': -1, 'stamp': stamp})]
            made.append(tokens.sign('reset_password', {'confirm_email': user.id, 'stamp': stamp}, 60))
            made.append(tokens.sign('confirm_email', {'confirm_email': user.id, 'stamp': stamp}, -1))
            made.append(user.get_reset_password_token())
        for wrong in (*made, token[:-1], token + 'x', token.swapcase(), 'x', '..', 'e30.e30.', '9' * 300, 'é', '%00'):
            answer = self.visitor.submit(f'/auth/confirm/{wrong}', page='/auth/login')
            self.assertIn(answer.status_code, (400, 403), wrong[:40])
        self.assertFalse(self.is_confirmed())

    def test_lasts_a_day(self):
        moment = 'app.tokens.time'
        from time import time
        self.register(username='john', email='john@example.com')
        with mock.patch(moment, lambda: time() - 24 * 3600 + 120):
            self.assertEqual(200, self.visitor.get(self.link()).status_code)
        self.register(username='mary', email='mary@example.com')
        with mock.patch(moment, lambda: time() - 24 * 3600 - 5):
            self.assertEqual(403, self.visitor.get(self.link()).status_code)

    def test_dies_with_a_change_of_password(self):
        with self.app.app_context():
            self.find('susan').set_password('another one here')
            db.session.commit()
        self.assertEqual(403, self.visitor.get(self.path).status_code)

    def test_the_page_is_kept_by_no_cache_and_tells_nobody_its_address(self):
        headers = self.visitor.get(self.path).headers
        self.assertEqual(('no-store', 'no-referrer'), (headers['Cache-Control'], headers['Referrer-Policy']))

    def test_the_link_leads_to_this_site_whatever_the_host_header_said(self):
        self.visitor.headers['Host'] = '127.0.0.1:99'
        self.register(username='john', email='john@example.com')
        self.run_tasks()
        self.assertIn('http://localhost:5000/auth/confirm/', self.mailbox.text())
        self.assertNotIn('127.0.0.1', self.mailbox.text() + self.mailbox.html())


class Resend(RegisterCase):
    def setUp(self):
        super().setUp()
        self.register()
        self.run_tasks()
        self.susan = self.log_in('susan')

    def resend(self, **options):
        return self.susan.submit('/auth/confirm', page='/', follow=True, **options)

    def test_works_after_a_while(self):
        self.change('susan', confirmation_sent_at=utcnow() - timedelta(minutes=6))
        self.assertIn('We have sent you a new e-mail.', self.resend().text)
        self.assertEqual([('susan@example.com', CONFIRM)] * 2, self.arrived())
        self.visitor.submit(self.link())
        self.assertTrue(self.is_confirmed())

    def test_waits_five_minutes(self):
        for _time in range(2):
            self.assertIn('We sent you an e-mail a moment ago.', self.resend().text)
        self.assertEqual(1, len(self.arrived()))

    def test_sends_one_letter_however_often_it_is_asked_at_one_moment(self):
        self.change('susan', confirmation_sent_at=utcnow() - timedelta(minutes=6))
        hidden = hidden_fields(self.susan.get('/').text)
        copies = [self.copy(self.susan) for _ in range(4)]
        self.at_once(*(lambda copy=copy: copy.post('/auth/confirm', hidden) for copy in copies))
        self.assertEqual(2, len(self.arrived()))

    def test_needs_login_a_token_and_post(self):
        self.assertEqual(405, self.susan.get('/auth/confirm').status_code)
        self.assertEqual(400, self.susan.post('/auth/confirm').status_code)
        answer = self.new_visitor().submit('/auth/confirm', page='/auth/login')
        self.assertEqual((302, '/auth/login'), (answer.status_code, answer.location))

    def test_sends_nothing_to_who_is_confirmed(self):
        self.change('susan', confirm_by=None, confirmation_sent_at=None)
        self.susan.submit('/auth/confirm', page='/')
        self.assertEqual(0, self.value(sa.select(sa.func.count()).where(Task.state == 'waiting')))

    def test_leads_back_only_within_the_site(self):
        self.assertEqual('/', self.susan.submit('/auth/confirm', page='/', next='//evil.example').location)
        self.assertEqual('/settings', self.susan.submit('/auth/confirm', page='/', next='/settings').location)

    def test_a_letter_that_waited_until_the_address_was_confirmed_is_not_sent(self):
        self.change('susan', confirmation_sent_at=None)
        with self.app.app_context():
            user = self.find('susan')
            accounts.send_confirmation(user)
            accounts.confirm(user)
            db.session.commit()
        self.assertEqual(1, len(self.arrived()))
