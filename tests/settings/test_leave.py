"""Deleting one's account: the password first, then everything goes, and what others have stays right."""
import sqlalchemy as sa

from app.models import DeletedPost, FormerUsername, Post, Task, User, UserSession, followers
from tests.accounts import AccountCase
from tests.base import PASSWORD, hidden_fields

PAGE = '/settings/delete'


class LeaveCase(AccountCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def leave(self, password=PASSWORD, visitor=None):
        return (visitor or self.susan).submit(PAGE, current_password=password)


class Leave(LeaveCase):
    def test_asks_first_and_then_removes_the_account_with_all_its_posts(self):
        first, _second = self.wrote('susan', 'one', 'two')
        self.assertEqual(200, self.susan.get(PAGE).status_code)
        self.assertEqual(1, self.rows(User))
        answer = self.leave()
        self.assertEqual((302, '/explore'), (answer.status_code, answer.location))
        self.assertEqual([0, 0, 0, 2], [self.rows(model) for model in (User, Post, UserSession, DeletedPost)])
        page = self.susan.get('/explore')
        self.assertIn('Your account is deleted.', page.text)
        self.assertEqual([410, 404], [self.visitor.get(path).status_code for path in (f'/post/{first}', '/user/susan')])

    def test_ends_every_session_in_every_copy(self):
        copies = [self.copy(self.susan), self.log_in('susan')]
        self.leave()
        self.assertEqual([False] * 3, [self.is_in(visitor) for visitor in (self.susan, *copies)])

    def test_leaves_the_counts_of_others_right(self):
        for name in ('john', 'mary'):
            self.person(name)
        self.follows('susan', 'john', 'mary')
        self.follows('john', 'susan', 'mary')
        self.leave()
        with self.app.app_context():
            john, mary = self.find('john'), self.find('mary')
            self.assertEqual((0, 1), (john.followers_number, john.following_number))
            self.assertEqual((1, 0), (mary.followers_number, mary.following_number))
        self.assertEqual(1, self.value(sa.select(sa.func.count()).select_from(followers)))

    def test_leaves_the_posts_of_others_alone(self):
        self.wrote('john', 'hello')
        self.wrote('susan', 'bye')
        self.leave()
        self.assertEqual(['hello'], self.bodies())

    def test_frees_the_name_and_the_address(self):
        self.susan.submit('/edit_profile', username='sue', name='', about_me='', password=PASSWORD)
        self.leave()
        self.assertEqual(0, self.rows(FormerUsername))
        for name in ('sue', 'susan'):
            answer = self.visitor.submit('/auth/register', username=name, email=f'{name}@example.com',
                                         password=PASSWORD, password2=PASSWORD)
            self.assertEqual(302, answer.status_code)

    def test_kills_the_links_that_were_sent(self):
        with self.app.app_context():
            token = self.find('susan').get_reset_password_token()
        self.leave()
        self.person('john')  # may get the id that is free now
        self.assertEqual(403, self.visitor.get(f'/auth/reset_password/{token}').status_code)

    def test_leaves_no_work_behind(self):
        self.leave()
        self.run_tasks()
        self.assertEqual(0, self.value(sa.select(sa.func.count()).where(Task.state == 'waiting')))

    def test_of_two_clicks_at_one_moment_one_counts(self):
        self.wrote('susan', *'abcde')
        hidden = hidden_fields(self.susan.get(PAGE).text)
        copies = [self.copy(self.susan) for _ in range(4)]
        form = {**hidden, 'current_password': PASSWORD}
        statuses = self.at_once(*(lambda copy=copy: copy.post(PAGE, form).status_code for copy in copies))
        self.assertTrue(set(statuses) <= {302, 200, 404}, statuses)
        self.assertEqual((0, 5), (self.rows(User), self.rows(DeletedPost)))


class Refusal(LeaveCase):
    def test_of_a_wrong_password_keeps_everything(self):
        for password, words in (('wrong', 'This is not your current password.'), ('', 'Fill this in.'),
                                ('x' * 100_000, 'This is not your current password.')):
            answer = self.leave(password)
            self.assertEqual(200, answer.status_code)
            self.assertIn(words, answer.text)
        self.assertEqual(1, self.rows(User))
        self.assertTrue(self.is_in(self.susan))

    def test_needs_login_and_a_token(self):
        self.assertEqual('/auth/login?next=/settings/delete', self.visitor.get(PAGE).location)
        self.assertEqual(302, self.visitor.submit(PAGE, page='/auth/login', current_password=PASSWORD).status_code)
        self.assertEqual(400, self.susan.post(PAGE, {'current_password': PASSWORD}).status_code)
        self.assertEqual(1, self.rows(User))
