"""Changing the password: the current one first, then every other device is logged out and the owner told."""
import sqlalchemy as sa

from app.models import Task, User, UserSession
from tests.accounts import AccountCase, LetterCase
from tests.base import PASSWORD, hidden_fields

PAGE, NEW = '/settings/password', 'eight brown bottles'


class PasswordCase(AccountCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def change_to(self, password=NEW, current=PASSWORD, second=None):
        return self.susan.submit(PAGE, current_password=current, password=password,
                                 password2=password if second is None else second)

    def fits(self, password) -> bool:
        with self.app.app_context():
            return self.find('susan').check_password(password)


class Change(PasswordCase):
    def test_works_and_logs_out_every_other_device(self):
        other = self.log_in('susan')
        answer = self.change_to()
        self.assertEqual((302, '/settings'), (answer.status_code, answer.location))
        self.assertIn('Your password is changed.', self.susan.get('/settings').text)
        self.assertEqual((True, False), (self.fits(NEW), self.fits(PASSWORD)))
        self.assertEqual((True, False, 1), (self.is_in(self.susan), self.is_in(other), self.rows(UserSession)))

    def test_leaves_the_devices_of_others_alone(self):
        john = self.log_in('john')
        self.change_to()
        self.assertTrue(self.is_in(john))

    def test_says_at_the_field_what_is_wrong(self):
        for password, current, second, words in (
                (NEW, 'wrong', None, 'This is not your current password.'), (NEW, '', None, 'Fill this in.'),
                ('short', PASSWORD, None, 'at least 8'), ('password1', PASSWORD, None, 'Many people use'),
                ('Susan@example.com1', PASSWORD, None, 'other than your name'), (NEW, PASSWORD, 'x', 'differ'),
                ('x' * 129, PASSWORD, None, 'at most 128'), (NEW, 'x' * 100_000, None, 'not your current')):
            answer = self.change_to(password, current, second)
            self.assertEqual(200, answer.status_code)
            self.assertIn(words, answer.text)
            self.assertNotIn(NEW, answer.text)
        self.assertTrue(self.fits(PASSWORD))

    def test_that_is_left_empty_costs_no_hash_in_any_form(self):
        with self.work() as work:
            for path, field in ((PAGE, 'current_password'), ('/settings/delete', 'current_password'),
                                ('/settings/email', 'current_password'), ('/edit_profile', 'password')):
                answer = self.susan.submit(path, **{'username': 'other', 'email': 'new@example.com', 'password': NEW,
                                                    'password2': NEW, 'name': '', 'about_me': '', field: ''})
                self.assertEqual(200, answer.status_code, path)
        self.assertEqual([], work.hashes)

    def test_checks_the_current_password_before_the_new_one_is_judged(self):
        hidden = hidden_fields(self.susan.get(PAGE).text)
        with self.work() as work:
            self.susan.post(PAGE, {**hidden, 'current_password': 'wrong', 'password': NEW, 'password2': NEW})
        self.assertEqual(['verify'], work.hashes)

    def test_makes_reset_links_worthless(self):
        with self.app.app_context():
            token = self.find('susan').get_reset_password_token()
        self.change_to()
        self.assertEqual(403, self.visitor.get(f'/auth/reset_password/{token}').status_code)

    def test_sent_twice_is_refused_the_second_time(self):
        self.assertEqual([302, 200], [self.change_to().status_code, self.change_to().status_code])

    def test_needs_login_and_a_token(self):
        self.assertEqual('/auth/login?next=/settings/password', self.visitor.get(PAGE).location)
        form = {'current_password': PASSWORD, 'password': NEW, 'password2': NEW}
        self.assertEqual(302, self.visitor.submit(PAGE, page='/auth/login', **form).status_code)
        self.assertEqual(400, self.susan.post(PAGE, form).status_code)
        self.assertTrue(self.fits(PASSWORD))

    def test_of_an_account_without_a_password_is_refused(self):
        self.change('susan', password_hash=None)
        self.assertIn('This is not your current password.', self.change_to().text)
        self.assertIsNone(self.value(sa.select(User.password_hash)))

    def test_without_mail_writes_no_letter(self):
        self.change_to()
        self.assertEqual(0, self.rows(Task))


class Letter(PasswordCase, LetterCase):
    def test_tells_the_owner_without_any_secret(self):
        self.change_to()
        self.assertEqual([('susan@example.com', 'Your password on Microblog was changed')], self.arrived())
        whole = self.mailbox.text() + self.mailbox.html()
        self.assertNotIn(NEW, whole)
        self.assertNotIn('eyJ', whole)
        self.assertIn('http://localhost:5000/auth/reset_password_request', whole)
