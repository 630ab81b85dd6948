"""Changing what one's own profile says, one's name included."""
import sqlalchemy as sa

from app.models import FormerUsername, User
from tests.base import PASSWORD
from tests.world import WorldCase


class EditProfile(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def save(self, **fields):
        return self.susan.submit('/edit_profile', **{'username': 'susan', 'name': '', 'about_me': '', **fields})

    def stored(self, column):
        return self.value(sa.select(column).where(User.email == 'susan@example.com'))

    def test_saves_name_and_text(self):
        answer = self.save(name='  Susan  B. ', about_me='Tea\r\nand https://example.com')
        self.assertEqual((302, '/user/susan'), (answer.status_code, answer.location))
        self.assertEqual('Susan B.', self.stored(User.name))
        self.assertEqual('Tea\nand https://example.com', self.stored(User.about_me))
        page = self.visitor.get('/user/susan').text
        self.assertIn('Susan B.', page)
        self.assertIn('href="https://example.com"', page)

    def test_needs_login(self):
        self.assertEqual('/auth/login?next=/edit_profile', self.visitor.get('/edit_profile').location)
        answer = self.visitor.submit('/edit_profile', page='/auth/login', name='Eve')
        self.assertEqual((302, ''), (answer.status_code, self.stored(User.name)))

    def test_leaves_alone_what_was_not_sent(self):
        self.save(name='Susan')
        answer = self.susan.submit('/edit_profile', name='Susan', about_me='new')
        self.assertEqual((302, 'susan'), (answer.status_code, self.stored(User.username)))

    def test_keeps_what_was_typed_and_says_what_is_wrong(self):
        for fields, message in (({'name': 'n' * 51}, 'at most 50 characters'),
                                ({'about_me': 'a' * 501}, 'at most 500 characters'),
                                ({'username': 'not a name'}, 'only letters from A to Z'),
                                ({'username': 's' * 31}, 'at most 30 characters'),
                                ({'username': 'admin', 'password': PASSWORD}, 'This username is taken.'),
                                ({'username': 'sue', 'password': 'wrong'}, 'not your current password')):
            answer = self.save(**{'about_me': 'typed with care', **fields})
            self.assertEqual(200, answer.status_code)
            self.assertIn(message, answer.text)
            for name, value in {'about_me': 'typed with care', **fields}.items():
                if name != 'password':
                    self.assertIn(value, answer.text, name)
            self.assertNotIn(PASSWORD, answer.text)
            self.assertEqual(('susan', ''), (self.stored(User.username), self.stored(User.about_me)))

    def test_counts_characters_as_people_see_them(self):
        family = '\U0001f468\u200d\U0001f469\u200d\U0001f467'
        self.assertEqual(302, self.save(about_me=family * 400).status_code)
        self.assertEqual(family * 400, self.stored(User.about_me))
        self.assertEqual(200, self.save(about_me='x' * 501).status_code)

    def test_takes_no_invisible_or_turning_characters(self):
        self.save(name='\u200b\u200b', about_me='\u202egnp.exe\x07\x1b[31m')
        self.assertEqual('', self.stored(User.name))
        self.assertEqual('gnp.exe[31m', self.stored(User.about_me))

    def test_takes_the_first_of_repeated_fields(self):
        self.susan.submit('/edit_profile', name=['Susan', 'Eve'], username='susan', about_me='')
        self.assertEqual('Susan', self.stored(User.name))

    def test_another_username_needs_the_password_and_reserves_the_old_one(self):
        self.assertEqual(302, self.save(username='sue', password=PASSWORD).status_code)
        self.assertEqual('sue', self.stored(User.username))
        self.assertEqual('susan', self.value(sa.select(FormerUsername.username_key)))
        other = self.log_in('john')
        answer = other.submit('/edit_profile', username='SUSAN', password=PASSWORD, name='', about_me='')
        self.assertIn('This username is taken.', answer.text)

    def test_another_spelling_of_the_name_needs_no_reservation(self):
        self.assertEqual(302, self.save(username='SuSan', password=PASSWORD).status_code)
        self.assertEqual(('SuSan', 0), (self.stored(User.username), self.rows(FormerUsername)))

    def test_one_may_have_ones_old_name_back(self):
        self.save(username='sue', password=PASSWORD)
        self.assertEqual(302, self.save(username='susan', password=PASSWORD).status_code)
        self.assertEqual('susan', self.stored(User.username))
        self.assertEqual('sue', self.value(sa.select(FormerUsername.username_key)))

    def test_a_name_that_somebody_has_is_refused_however_it_is_spelled(self):
        self.person('John')
        self.assertIn('This username is taken.', self.save(username='jOHN', password=PASSWORD).text)
