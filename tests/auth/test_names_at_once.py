"""Several people want one name or one address at one moment, by whatever door: one gets it, the others are told so."""
import sqlalchemy as sa

from app.models import User
from tests.accounts import AccountCase
from tests.base import PASSWORD, hidden_fields

GOT, TOLD = 'got', 'told'


class NamesAtOnce(AccountCase):
    def registering(self, username: str, email: str):
        """What one who fills in the form now will hear."""
        visitor = self.new_visitor()
        form = {**hidden_fields(visitor.get('/auth/register').text), 'username': username, 'email': email,
                'password': PASSWORD, 'password2': PASSWORD}
        return lambda: self.heard(visitor.post('/auth/register', form))

    def renaming(self, username: str, wish: str):
        """What one who changes their name now will hear."""
        visitor = self.log_in(username)
        form = {**hidden_fields(visitor.get('/edit_profile').text), 'username': wish, 'password': PASSWORD}
        return lambda: self.heard(visitor.post('/edit_profile', form))

    def commanding(self, username: str, email: str):
        """What the operator will hear."""
        runner = self.app.test_cli_runner()

        def act() -> str:
            result = runner.invoke(args=['user', 'create', username, email, '--password', PASSWORD])
            if result.exit_code == 0:
                return GOT
            return TOLD if 'username: This username is taken.' in result.output else result.output
        return act

    @staticmethod
    def heard(answer) -> str:
        if answer.status_code == 302:
            return GOT
        at_field = 'id="username-error"' in answer.text or 'id="email-error"' in answer.text
        return TOLD if answer.status_code == 200 and at_field else f'{answer.status_code}: {answer.text}'

    def holders(self, column, key: str) -> int:
        return self.value(sa.select(sa.func.count()).where(column == key))

    def test_one_of_many_who_register_a_name_gets_it(self):
        acts = [self.registering(name, f'p{n}@example.com') for n, name in enumerate(('susan', 'Susan', 'SUSAN'))]
        self.assertEqual([GOT, TOLD, TOLD], sorted(self.at_once(*acts)))
        self.assertEqual(1, self.holders(User.username_key, 'susan'))

    def test_one_of_many_who_register_an_address_gets_an_account(self):
        acts = [self.registering(f'p{n}', address) for n, address in enumerate(
            ('susan@example.com', 'Susan@Example.com', 'SUSAN@EXAMPLE.COM'))]
        self.assertEqual([GOT, TOLD, TOLD], sorted(self.at_once(*acts)))
        self.assertEqual(1, self.holders(User.email_key, 'susan@example.com'))

    def test_one_of_those_who_register_and_change_theirs_gets_a_name(self):
        acts = [self.renaming('john', 'susan'), self.renaming('mary', 'SUSAN'),
                self.registering('Susan', 'a@example.com')]
        self.assertEqual([GOT, TOLD, TOLD], sorted(self.at_once(*acts)))
        self.assertEqual(1, self.holders(User.username_key, 'susan'))

    def test_the_operator_is_one_of_them(self):
        acts = [self.commanding('susan', 'a@example.com'), self.registering('SUSAN', 'b@example.com'),
                self.renaming('john', 'Susan')]
        self.assertEqual([GOT, TOLD, TOLD], sorted(self.at_once(*acts)))
        self.assertEqual(1, self.holders(User.username_key, 'susan'))
