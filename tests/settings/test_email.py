"""Changing the e-mail address: the password first, the new address confirmed, the old one told."""
from time import time
from unittest import mock

import sqlalchemy as sa

from app import db, tokens
from app.models import Task, User, utcnow
from tests.accounts import AccountCase, LetterCase
from tests.base import PASSWORD, hidden_fields

PAGE = '/settings/email'
CONFIRM, TAKEN = 'Confirm your new address for Microblog', 'You have an account on Microblog already'
TOLD = 'Your address on Microblog was changed'


class EmailWords:
    """What both kinds of site share."""

    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def change_to(self, address='new@example.com', password=PASSWORD, visitor=None, **options):
        return (visitor or self.susan).submit(PAGE, email=address, current_password=password, **options)

    def address(self) -> str:
        return self.value(sa.select(User.email).where(User.username == 'susan'))

    def assert_refusals(self):
        self.person('john')
        for address, password, words in (
                ('new@example.com', 'wrong', 'This is not your current password.'), ('', PASSWORD, 'Fill this in.'),
                ('new@example.com', '', 'Fill this in.'), ('new', PASSWORD, 'Enter an e-mail address'),
                ('SUSAN@example.com', PASSWORD, 'This is your address already.'),
                (f'{"x" * 120}@example.com', PASSWORD, 'at most 120'),
                ('a@example.com\nBcc: b@example.com', PASSWORD, 'Enter an e-mail address')):
            answer = self.change_to(address, password)
            self.assertEqual(200, answer.status_code, address)
            self.assertIn(words, answer.text)
            self.assertIn(f'value="{address.partition(chr(10))[0]}', answer.text)
            self.assertNotIn(PASSWORD, answer.text)
        self.assertEqual('susan@example.com', self.address())


class WithoutMail(EmailWords, AccountCase):
    def test_changes_the_address_at_once_and_logs_out_everywhere_else(self):
        other = self.log_in('susan')
        answer = self.change_to(' New@EXAMPLE.com ', follow=True)
        self.assertIn('Your address is New@example.com now.', answer.text)
        self.assertEqual('New@example.com', self.address())
        self.assertEqual((True, False), (self.is_in(self.susan), self.is_in(other)))
        self.assertEqual(0, self.rows(Task))

    def test_refuses_at_the_field_and_keeps_what_was_typed(self):
        self.assert_refusals()

    def test_refuses_an_address_that_somebody_has_however_it_is_spelled(self):
        self.person('john')
        answer = self.change_to('John@EXAMPLE.com')
        self.assertIn('has an account already', answer.text)
        self.assertEqual('susan@example.com', self.address())

    def test_of_two_who_take_one_address_at_one_moment_one_wins(self):
        acts = []
        for visitor in (self.susan, self.log_in('john')):
            form = {**hidden_fields(visitor.get(PAGE).text), 'email': 'new@example.com', 'current_password': PASSWORD}
            acts.append(lambda visitor=visitor, form=form: visitor.post(PAGE, form).status_code)
        self.assertEqual([200, 302], sorted(self.at_once(*acts)))

    def test_makes_links_worthless_that_were_sent_before(self):
        with self.app.app_context():
            token = self.find('susan').get_reset_password_token()
        self.change_to()
        self.assertEqual(403, self.visitor.get(f'/auth/reset_password/{token}').status_code)

    def test_needs_login_and_a_token(self):
        self.assertEqual('/auth/login?next=/settings/email', self.visitor.get(PAGE).location)
        answer = self.visitor.submit(PAGE, page='/auth/login', email='new@example.com', current_password=PASSWORD)
        self.assertEqual(302, answer.status_code)
        self.assertEqual(400, self.susan.post(PAGE, {'email': 'a@example.com'}).status_code)
        self.assertEqual('susan@example.com', self.address())


class WithMail(EmailWords, LetterCase):
    def test_waits_for_the_click_in_the_new_mailbox_and_tells_the_old_one(self):
        other = self.log_in('susan')
        answer = self.change_to(follow=True)
        self.assertIn('We have sent an e-mail to new@example.com.', answer.text)
        self.assertEqual([('new@example.com', CONFIRM)], self.arrived())
        self.assertEqual('susan@example.com', self.address())
        path = self.link()
        self.assertIn('new@example.com', self.susan.get(path).text)
        self.assertEqual('susan@example.com', self.address())
        answer = self.susan.submit(path)
        self.assertEqual((302, '/settings'), (answer.status_code, answer.location))
        self.assertEqual('new@example.com', self.address())
        self.assertEqual((True, False), (self.is_in(self.susan), self.is_in(other)))
        self.assertEqual(('susan@example.com', TOLD), self.arrived()[-1])

    def test_works_in_a_browser_that_is_not_logged_in_and_logs_out_all_others(self):
        self.change_to()
        answer = self.visitor.submit(self.link())
        self.assertEqual('/auth/login', answer.location)
        self.assertFalse(self.is_in(self.susan))

    def test_refuses_at_the_field_and_keeps_what_was_typed(self):
        self.assert_refusals()
        self.assertEqual([], self.arrived())

    def test_answers_the_same_with_the_same_work_for_a_taken_address_and_tells_its_owner(self):
        self.person('john')
        seen = []
        for address in ('free@example.com', 'john@example.com', 'JOHN@example.com'):
            hidden = hidden_fields(self.susan.get(PAGE).text)
            with self.work() as work:
                answer = self.susan.post(PAGE, {**hidden, 'email': address, 'current_password': PASSWORD})
            page = self.susan.get(answer.location).text.replace(address, 'ADDRESS')
            seen.append((work.hashes, work.statements, work.tasks, page.partition('<main')[2].partition('csrf')[0]))
        self.assertEqual([seen[0]] * 3, seen)
        self.assertEqual([('free@example.com', CONFIRM), ('john@example.com', TAKEN)], sorted(set(self.arrived())))

    def test_confirms_an_address_that_was_never_confirmed(self):
        self.change('susan', confirm_by=utcnow())
        self.change_to()
        self.susan.submit(self.link())
        self.assertIsNone(self.value(sa.select(User.confirm_by)))

    def test_the_last_of_several_wishes_is_not_spoilt_by_an_earlier_one(self):
        self.change_to('first@example.com')
        first = self.link()
        self.change_to('second@example.com')
        self.susan.submit(self.link())
        self.assertEqual(403, self.susan.get(first).status_code)
        self.assertEqual('second@example.com', self.address())


class Link(EmailWords, LetterCase):
    def setUp(self):
        super().setUp()
        self.change_to()
        self.path = self.link()

    def is_dead(self, path=None) -> bool:
        path = path or self.path
        answers = self.susan.get(path), self.susan.submit(path, page='/')
        return all(a.status_code == 403 and 'does not work any more' in a.text for a in answers)

    def test_works_once(self):
        self.susan.submit(self.path)
        self.assertTrue(self.is_dead())
        self.assertEqual(1, [subject for _to, subject in self.arrived()].count(TOLD))

    def test_of_eight_at_one_moment_one_wins(self):
        acts = []
        for _number in range(8):
            visitor = self.new_visitor()
            form = hidden_fields(visitor.get(self.path).text)
            acts.append(lambda visitor=visitor, form=form: visitor.post(self.path, form).status_code)
        self.assertEqual([302] + [403] * 7, sorted(self.at_once(*acts)))
        self.assertEqual(1, [subject for _to, subject in self.arrived()].count(TOLD))

    def test_refuses_kindly_when_somebody_took_the_address_meanwhile(self):
        self.person('john', email='NEW@example.com')
        answer = self.susan.submit(self.path)
        self.assertEqual(403, answer.status_code)
        self.assertIn('This e-mail address has an account already.', answer.text)
        self.assertEqual('susan@example.com', self.address())
        self.assertTrue(self.is_in(self.susan))

    def test_needs_the_token_of_its_page(self):
        self.assertEqual(400, self.susan.post(self.path).status_code)
        self.assertEqual('susan@example.com', self.address())

    def test_dies_with_a_new_password_suspension_and_the_account(self):
        for act in (lambda user: user.set_password('another one here'), lambda user: user.renew_stamp(),
                    db.session.delete):
            with self.app.app_context():
                act(self.find('susan'))
                db.session.commit()
            self.assertEqual(403, self.visitor.get(self.path).status_code)

    def test_lasts_a_day(self):
        for seconds, status in ((86_000, 200), (86_401, 403)):
            with mock.patch('app.tokens.time', lambda seconds=seconds: time() - seconds):
                self.change_to()
                path = self.link()
            self.assertEqual(status, self.susan.get(path).status_code)

    def test_refuses_what_is_forged_or_made_for_something_else(self):
        token = self.path.rpartition('/')[2]
        with self.app.app_context():
            user = self.find('susan')
            stamp = tokens.fingerprint(user.security_stamp)
            claims = {'change_email': user.id, 'email': 'e@example.com', 'stamp': stamp}
            made = [tokens.sign('reset_password', claims, 60), tokens.sign('confirm_email', claims, 60),
                    tokens.sign('change_email', {**claims, 'stamp': 'x'}, 60), user.get_reset_password_token(),
                    tokens.sign('change_email', {**claims, 'change_email': str(user.id)}, 60)]
        for wrong in (*made, token[:-2], token + 'x', 'x', 'a.b.c', '9' * 300):
            self.assertTrue(self.is_dead(f'/auth/change_email/{wrong}'), wrong[:50])

    def test_the_page_is_kept_by_no_cache(self):
        self.assertEqual('no-store', self.visitor.get(self.path).headers['Cache-Control'])
