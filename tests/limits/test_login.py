"""Guessing passwords: few guesses for an account, from an address, in all; its owner gets in meanwhile."""
from app.models import UserSession
from tests.base import PASSWORD
from tests.limits.base import LimitCase, SmallLimits


class LogIn(LimitCase):
    def setUp(self):
        super().setUp()
        self.person('susan')

    def test_is_limited_for_an_account_wherever_the_guesses_come_from(self):
        self.assertEqual([200, 200, 200, 429, 429], self.guesses(5, 'susan'))
        self.assertEqual(429, self.tries(self.at('203.0.113.1'), 'susan', PASSWORD).status_code)
        self.assertEqual(0, self.rows(UserSession))

    def test_counts_name_and_address_and_every_spelling_of_them_together(self):
        names = ('susan', ' SUSAN ', 'Susan@Example.com', 'susan@example.com', 'sUsAn')
        said = [self.tries(self.at(f'198.51.100.{last}'), name).status_code for last, name in enumerate(names)]
        self.assertEqual([200, 200, 200, 429, 429], said)

    def test_counts_a_name_however_much_is_put_before_it(self):
        names = [' ' * (320 - n) + 'susan' for n in range(4)]
        said = [self.tries(self.at(f'198.51.100.{last}'), name).status_code for last, name in enumerate(names)]
        self.assertEqual([200, 200, 200, 429], said)

    def test_finds_nobody_by_a_name_that_is_longer_than_what_is_counted(self):
        said = [self.tries(self.at(f'198.51.100.{place}'), 'susan@example.com'[:place] + '\xad' * 400 +
                           'susan@example.com'[place:], PASSWORD).status_code for place in range(7, 11)]
        self.assertEqual([200] * 4, said)
        self.assertEqual(302, self.tries(self.at('198.51.100.1'), 'susan@exam\xadple.com', PASSWORD).status_code)

    def test_is_limited_for_an_address_whomever_it_tries(self):
        visitor = self.at('198.51.100.1')
        said = [self.tries(visitor, name).status_code for name in ('a', 'b', 'susan', 'd', 'susan')]
        self.assertEqual([200, 200, 200, 429, 429], said)
        self.assertEqual(302, self.tries(self.at('198.51.100.2'), 'susan', PASSWORD).status_code)

    def test_counts_names_that_nobody_has_like_others(self):
        self.person('john')
        for network, pair in enumerate((('susan', 'nobody'), ('john@example.com', 'nobody@example.com'))):
            known, unknown = (self.cost(name, f'198.51.1{network}{place}') for place, name in enumerate(pair))
            self.assertEqual(known, unknown)
            self.assertEqual([200, 200, 200, 429, 429], known[0])

    def cost(self, name: str, network: str):
        """What five guesses are answered, and what they cost the site."""
        with self.work() as work:
            said = self.guesses(5, name, network)
        return said, work.hashes, work.statements, work.tasks

    def test_does_no_hash_work_for_a_guess_too_many(self):
        self.guesses(3, 'susan')
        with self.work() as work:
            self.assertEqual([429] * 3, self.guesses(3, 'susan', '192.0.2'))
        self.assertEqual([], work.hashes)

    def test_gives_back_what_was_no_guess(self):
        for _ in range(6):
            self.assertEqual(302, self.tries(self.at('198.51.100.1'), 'susan', PASSWORD).status_code)
        self.assertEqual([200] * 3 + [429], self.guesses(4, 'susan', '192.0.2'))

    def test_of_ones_own_account_buys_no_guesses_at_another(self):
        self.person('eve')
        said = []
        for _ in range(5):
            said.append(self.tries(self.at('198.51.100.1'), 'susan').status_code)
            self.tries(self.at('198.51.100.1'), 'eve', PASSWORD)
        self.assertEqual([200, 200, 200, 429, 429], said)

    def test_a_form_without_a_token_is_no_guess(self):
        for _ in range(5):
            self.at('198.51.100.1').post('/auth/login', {'username': 'susan', 'password': 'x'})
        self.assertEqual(302, self.tries(self.at('198.51.100.1'), 'susan', PASSWORD).status_code)

    def test_sent_as_json_goes_around_nothing(self):
        visitor = self.at('198.51.100.1')
        token = visitor.get('/auth/login').text.partition('name="csrf_token" value="')[2].partition('"')[0]
        with self.work() as work:
            answer = visitor.post('/auth/login', json={'username': 'susan', 'password': PASSWORD},
                                  headers={'X-CSRFToken': token})
        self.assertEqual((200, []), (answer.status_code, work.hashes))
        self.assertFalse(self.is_in(visitor))

    def test_is_exact_when_all_come_at_once(self):
        visitors = [self.at(f'198.51.100.{last}') for last in range(8)]
        answers = self.at_once(*(lambda v=v: self.tries(v, 'susan').status_code for v in visitors))
        self.assertEqual([200] * 3 + [429] * 5, sorted(answers))


class InAll(LimitCase):
    class config(SmallLimits):
        LIMIT_LOGIN_ALL = '4 per 5 minute'

    def test_is_limited_however_many_names_and_addresses_are_tried(self):
        self.person('susan')
        owner = self.known('susan')
        said = [self.tries(self.at(f'198.51.100.{n}'), f'name{n}').status_code for n in range(6)]
        self.assertEqual([200] * 4 + [429] * 2, said)
        self.assertEqual(302, self.tries(owner, 'susan', PASSWORD).status_code)

    def test_is_not_used_up_by_one_who_is_refused(self):
        visitor = self.at('198.51.100.1')
        for _ in range(9):
            self.tries(visitor, 'susan')
        self.assertEqual(200, self.tries(self.at('198.51.100.2'), 'john').status_code)


class KnownBrowser(LimitCase):
    def setUp(self):
        super().setUp()
        self.person('susan')

    def test_gets_its_owner_in_while_the_account_is_attacked(self):
        owner = self.known('susan')
        self.assertEqual(429, self.guesses(9, 'susan')[-1])
        self.assertEqual(302, self.tries(owner, 'susan', PASSWORD).status_code)
        self.assertTrue(self.is_in(owner))

    def test_also_when_the_attack_comes_from_the_same_address(self):
        owner = self.known('susan')
        for _ in range(6):
            self.tries(self.at('203.0.113.7'), 'susan')
        self.assertEqual(302, self.tries(owner, 'susan@example.com', PASSWORD).status_code)

    def test_may_guess_no_more_often_than_others(self):
        owner = self.known('susan')
        self.assertEqual([200, 200, 200, 429], [self.tries(owner, 'susan').status_code for _ in range(4)])
        self.assertEqual([200], self.guesses(1, 'susan'))

    def test_is_none_for_other_accounts(self):
        self.person('john')
        owner = self.known('susan')
        self.guesses(3, 'john')
        self.assertEqual(429, self.tries(owner, 'john', PASSWORD).status_code)

    def test_may_be_shared_by_a_family(self):
        self.person('john')
        shared = self.known('susan')
        self.tries(shared, 'john', PASSWORD)
        shared.submit('/auth/logout', page='/settings')
        self.guesses(3, 'susan')
        self.guesses(3, 'john')
        for name in ('john', 'susan'):
            self.assertEqual(302, self.tries(shared, name, PASSWORD).status_code)
            shared.submit('/auth/logout', page='/settings')

    def test_is_known_by_a_cookie_that_no_script_reads_and_nobody_can_forge(self):
        owner = self.known('susan')
        cookie = owner.client.get_cookie('device')
        self.assertTrue(cookie.http_only and cookie.same_site == 'Lax' and cookie.max_age > 300 * 24 * 3600)
        forged = self.at('203.0.113.8')
        self.guesses(3, 'susan')
        for value in (cookie.value[:-4] + 'AAAA', cookie.value[5:], 'x', '', 'e30.e30.e30'):
            forged.client.set_cookie('device', value)
            self.assertEqual(429, self.tries(forged, 'susan', PASSWORD).status_code, value)

    def test_is_no_log_in(self):
        other, owner = self.at('203.0.113.8'), self.known('susan')
        other.client.set_cookie('device', owner.client.get_cookie('device').value)
        self.assertFalse(self.is_in(other))


class CurrentPassword(LimitCase):
    """Somebody who finds a browser open cannot guess the password there either."""

    FORMS = {'/settings/password': {'current_password': 'wrong', 'password': 'x', 'password2': 'x'},
             '/settings/email': {'current_password': 'wrong', 'email': 'new@example.com'},
             '/settings/delete': {'current_password': 'wrong'},
             '/edit_profile': {'password': 'wrong', 'username': 'other', 'name': '', 'about_me': ''}}

    def test_is_guessed_in_all_forms_together(self):
        susan = self.log_in('susan')
        said = [susan.submit(path, **fields).status_code for path, fields in self.FORMS.items()]
        self.assertEqual([200, 200, 200, 429], said)
        with self.work() as work:
            susan.submit('/settings/delete', current_password=PASSWORD)
        self.assertEqual([], work.hashes)

    def test_that_is_right_costs_nothing(self):
        susan = self.log_in('susan')
        for number in range(4):
            answer = susan.submit('/edit_profile', password=PASSWORD, username=f'susan{number}', name='', about_me='')
            self.assertEqual(302, answer.status_code)
        for _ in range(4):
            answer = susan.submit('/settings/password', current_password=PASSWORD, password='x', password2='x')
            self.assertEqual(200, answer.status_code)

    def test_a_form_that_fails_before_it_is_tried_was_no_guess(self):
        susan = self.log_in('susan')
        fields = {'current_password': PASSWORD, 'password': 'seven red lanterns', 'password2': 'seven red lantern'}
        self.assertEqual([200] * 4, [susan.submit('/settings/password', **fields).status_code for _ in range(4)])
        fields['password2'] = fields['password']
        self.assertEqual(302, susan.submit('/settings/password', **fields).status_code)

    def test_a_profile_is_saved_without_it_as_often_as_one_likes(self):
        susan = self.log_in('susan')
        said = [susan.submit('/edit_profile', name=f'S{n}', username='susan').status_code for n in range(5)]
        self.assertEqual([302] * 5, said)

    def test_attacks_on_the_log_in_leave_it_alone(self):
        susan = self.log_in('susan')
        self.guesses(4, 'susan')
        answer = susan.submit('/settings/email', current_password=PASSWORD, email='new@example.com')
        self.assertEqual(302, answer.status_code)
