"""Nobody learns who has an account: for known and unknown one answer, to the byte, and one amount of work."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from app import db, hashing
from app.models import Event, HeldUsername, Task, User, utcnow
from app.services import accounts, upkeep
from app.tasks import runner
from tests.accounts import AccountCase, LetterCase
from tests.base import PASSWORD, hidden_fields

FORM = {'password': PASSWORD, 'password2': PASSWORD}
TAKEN = 'This username is taken.'


class EqualCase(LetterCase):
    """Compares the answers to forms that differ only in whether somebody is known."""

    def setUp(self):
        super().setUp()
        self.person('known1', email='known1@example.com')
        self.person('known2', email='known2@example.com', suspended_at=utcnow())
        self.person('known3', email='Known3@Example.com', language='ar')

    def answer(self, path: str, fields: dict, **headers):
        """What one form costs and gives: work, then status, headers and bytes, and those of the page after it."""
        visitor = self.new_visitor(**headers)
        hidden = hidden_fields(visitor.get(path).text)
        with self.work() as work:
            answer = visitor.post(path, {**hidden, **fields})
        page = visitor.get(answer.location or path)
        self.run_tasks()
        typed = {value.strip() for value in fields.values() if len(value) > 3}
        return (work.hashes, [self.kind(line) for line in work.statements], work.tasks,
                *(self.shape(part, typed) for part in (answer, page)))

    @staticmethod
    def kind(statement: str) -> str:
        """A savepoint ends by ROLLBACK where the address is taken, by RELEASE where it is not; both cost nothing."""
        return {'ROLLBACK': 'END', 'RELEASE': 'END'}.get(statement, statement)

    @staticmethod
    def shape(answer, typed):
        """Status, headers and length of an answer, with what is random or was typed left out."""
        text = answer.text
        for value in typed:
            text = text.replace(value, '*' * len(value))
        headers = {name: value for name, value in answer.headers.items()
                   if name not in ('X-Request-ID', 'Set-Cookie', 'Date')}
        set_cookies = answer.headers.getlist('Set-Cookie')
        cookies = [cookie.partition('=')[0] + cookie.partition(';')[2] for cookie in set_cookies]
        return answer.status_code, headers, cookies, len(text), text.partition('<main')[2].partition('csrf_token')[0]

    def assertSame(self, path, *forms, **headers):
        seen = [self.answer(path, form, **headers) for form in forms]
        for form, one in zip(forms, seen, strict=True):
            self.assertEqual(seen[0], one, form)
        return seen[0]


class LogIn(EqualCase):
    def test_by_name_is_the_same_for_known_suspended_and_unknown(self):
        names = 'known1', 'known2', 'KNOWN1', 'nobody', ' known1 ', ' nobody '
        hashes, statements, tasks, *_ = self.assertSame(
            '/auth/login', *({'username': f'{name:8}', 'password': 'wrong words'} for name in names))
        self.assertEqual((['verify'], 0), (hashes, tasks))
        self.assertEqual(['SELECT', 'SAVEPOINT', 'INSERT', 'END'], statements)

    def test_by_address_is_the_same_in_any_spelling_and_language(self):
        addresses = 'known1@example.com', 'KNOWN1@example.com', 'known3@EXAMPLE.com', 'nobody@example.com'
        for language in ('en', 'ar'):
            self.assertSame('/auth/login', *({'username': f'{address:19}', 'password': 'wrong words'}
                                             for address in addresses),
                            **{'Accept-Language': language})
        with self.app.app_context():
            kinds = set(db.session.scalars(sa.select(Event.kind)))
        self.assertEqual({'login_failed'}, kinds)

    def test_with_the_right_password_of_a_suspended_account_too(self):
        self.assertSame('/auth/login', *({'username': name, 'password': PASSWORD} for name in ('known2', 'nobody')))


class Reset(EqualCase):
    def test_is_the_same_for_known_suspended_and_unknown_in_any_spelling(self):
        addresses = ('known1@example.com', 'known2@example.com', 'KNOWN3@example.com', 'nobody@example.com')
        for language in ('en', 'de'):
            hashes, statements, tasks, *_ = self.assertSame(
                '/auth/reset_password_request', *({'email': f' {address} '} for address in addresses),
                **{'Accept-Language': language})
            self.assertEqual(([], ['INSERT'], 1), (hashes, statements, tasks))


class Register(EqualCase):
    def forms(self, prefix, *addresses):
        return [{'username': f'{prefix}{number}', 'email': address, **FORM} for number, address in enumerate(addresses)]

    def test_is_the_same_for_free_taken_and_suspended_in_any_spelling(self):
        addresses = ('nobody@example.com', 'known1@example.com', 'KNOWN2@example.com', 'known3@EXAMPLE.com',
                     ' known1@example.com', 'nobod2@example.com')
        for language in ('en', 'ar'):
            hashes, statements, tasks, *_ = self.assertSame(
                '/auth/register', *self.forms(language, *(f'{address:19}' for address in addresses)),
                **{'Accept-Language': language})
            self.assertEqual((['hash'], 1), (hashes, tasks))
            self.assertEqual((['SELECT'] * 3, 5), (statements[:3], statements.count('INSERT')))

    def test_queues_one_letter_that_waits_for_no_other(self):
        for form in self.forms('name', 'nobody@example.com', 'known1@example.com'):
            self.new_visitor().submit('/auth/register', **form)
        with self.app.app_context():
            seen = {(task.state, task.attempts, task.user_id is None, task.key) for task in db.session.scalars(
                sa.select(Task))}
        self.assertEqual({('waiting', 0, False, None)}, seen)


class HeldName(LetterCase):
    """A name that was asked for with a taken address is no more free than one whose account waits."""

    def setUp(self):
        super().setUp()
        self.person('owner', email='taken@example.com')
        self.register('fresh', 'free@example.com')
        self.register('held', 'taken@example.com')

    def register(self, username, address):
        return self.new_visitor().submit('/auth/register', username=username, email=address, **FORM)

    def test_is_taken_like_that_of_a_new_account(self):
        self.assertEqual(2, self.rows(User))
        for name in ('fresh', 'held', 'FRESH', 'HELD'):
            for address in ('other@example.com', 'taken@example.com', 'free@example.com'):
                answer = self.register(name, address)
                self.assertEqual((200, 1), (answer.status_code, answer.text.count(f'<span>{TAKEN}</span>')), name)

    def test_is_taken_for_people_who_want_to_rename_and_for_the_operator(self):
        susan = self.log_in('susan')
        for name in ('fresh', 'held'):
            answer = susan.submit('/edit_profile', username=name, password=PASSWORD, name='', about_me='')
            self.assertIn(TAKEN, answer.text)
            result = self.app.test_cli_runner().invoke(
                args=['user', 'create', name, 'x@example.com', '--password', PASSWORD])
            self.assertIn(TAKEN, result.output)

    def test_has_a_profile_that_is_as_little_there(self):
        self.run_tasks()
        susan = self.log_in('susan')
        for visitor in (self.visitor, susan):
            for path in ('/user/{}', '/@{}', '/user/{}/followers', '/user/{}/following', '/search?q={}'):
                seen = []
                for name in ('fresh', 'held', 'nobdy'):
                    with self.statements() as statements:
                        answer = visitor.get(path.format(name))
                    seen.append((answer.status_code, len(statements), *(
                        answer.text.replace(name, '').partition('<main')[2].partition('</main>')[0].partition(
                            answer.headers['X-Request-ID'])[::2])))
                self.assertEqual([seen[0][:2]] * 3, [one[:2] for one in seen], path)
                self.assertEqual(len(seen[0][2]), len(seen[1][2]), path)

    def test_has_no_picture_by_which_a_new_account_could_be_counted(self):
        id = self.value(sa.select(User.id).where(User.username == 'fresh'))
        self.assertEqual([404, 404], [self.visitor.get(f'/avatar/{one}/80').status_code for one in (id, id + 1)])
        self.assertEqual(200, self.log_in('fresh').get(f'/avatar/{id}/80').status_code)

    def test_is_free_again_together_with_that_of_an_account_nobody_confirmed(self):
        self.run_tasks()
        until = utcnow() - timedelta(minutes=1)
        with self.app.app_context():
            db.session.execute(sa.update(User).where(User.username == 'fresh').values(confirm_by=until))
            db.session.execute(sa.update(HeldUsername).values(held_until=until))
            db.session.commit()
        for name in ('fresh', 'held'):
            self.assertEqual(200, self.register(name, 'other@example.com').status_code)
        with self.app.app_context():
            upkeep.remove_expired()
            db.session.commit()
        self.assertEqual(0, self.rows(HeldUsername))
        for name in ('fresh', 'held'):
            self.assertEqual(302, self.register(name, f'{name}@example.org').status_code)

    def test_is_held_for_as_long_as_the_account_could_be_confirmed(self):
        until = self.value(sa.select(User.confirm_by).where(User.username == 'fresh'))
        with self.app.app_context():
            held = {row.username_key: row.held_until for row in db.session.scalars(sa.select(HeldUsername))}
        self.assertEqual({'fresh', 'held'}, set(held))
        self.assertEqual(until, held['fresh'])
        self.assertLess(abs(held['held'] - until), timedelta(seconds=10))

    def test_stands_in_nobodys_way_to_a_name_of_their_own(self):
        self.change('fresh', confirm_by=None)
        fresh = self.log_in('fresh')
        for name in ('other', 'fresh'):
            answer = fresh.submit('/edit_profile', username=name, password=PASSWORD, name='', about_me='')
            self.assertEqual(302, answer.status_code)

    def test_of_two_at_one_moment_one_gets_it_and_neither_learns_of_the_address(self):
        for addresses in (('a@example.com', 'taken@example.com'), ('taken@example.com', 'taken@example.com')):
            name, forms = f'both{addresses[0][0]}', []
            for address in addresses:
                visitor = self.new_visitor()
                form = {**hidden_fields(visitor.get('/auth/register').text), 'username': name, 'email': address, **FORM}
                forms.append(lambda visitor=visitor, form=form: visitor.post('/auth/register', form).status_code)
            self.assertEqual([200, 302], sorted(self.at_once(*forms)))


class Twice(AccountCase):
    """The same form sent twice shows what it showed once."""

    def form(self, visitor, **fields):
        return {**hidden_fields(visitor.get('/auth/register').text), 'username': 'susan',
                'email': 'susan@example.com', **FORM, **fields}

    def test_one_after_the_other_is_once_and_success_both_times(self):
        form = self.form(self.visitor)
        answers = [self.visitor.post('/auth/register', form) for _time in range(3)]
        self.assertEqual([(302, '/auth/login?next=/welcome')] * 3, [(one.status_code, one.location) for one in answers])
        self.assertEqual(1, self.rows(User))

    def test_at_one_moment_too(self):
        form = self.form(self.visitor)
        copies = [self.copy(self.visitor) for _number in range(4)]
        acts = [lambda copy=copy: copy.post('/auth/register', form).status_code for copy in copies]
        self.assertEqual([302] * 4, self.at_once(*acts))
        self.assertEqual(1, self.rows(User))

    def test_between_the_first_look_and_the_hash_and_during_the_hash_too(self):
        for number, place in enumerate(((accounts, 'objections'), (hashing, 'hash_password'))):
            form = self.form(self.visitor, username=f'name{number}', email=f'name{number}@example.com')
            copy, real, said = self.copy(self.visitor), getattr(*place), []

            def once(*arguments, real=real, copy=copy, form=form, said=said):
                found = real(*arguments)
                if not said:
                    said.append(None)
                    said[0] = copy.post('/auth/register', form).status_code
                return found
            with mock.patch.object(*place, once):
                said.append(self.visitor.post('/auth/register', form).status_code)
            self.assertEqual([302, 302], said)
            self.assertEqual(number + 1, self.rows(User))

    def test_another_form_or_other_words_in_it_are_refused(self):
        form = self.form(self.visitor)
        self.visitor.post('/auth/register', form)
        for other in ({**form, 'form_key': 'x'}, {**form, 'form_key': ''}, {**form, 'email': 'other@example.com'},
                      self.form(self.visitor)):
            answer = self.visitor.post('/auth/register', other)
            self.assertIn(TAKEN, answer.text)

    def test_a_form_that_was_refused_first_works_when_it_is_corrected(self):
        form = self.form(self.visitor, password2='another')
        self.assertEqual(200, self.visitor.post('/auth/register', form).status_code)
        self.assertEqual(302, self.visitor.post('/auth/register', {**form, **FORM}).status_code)


class TwiceWithMail(LetterCase, Twice):
    """On a site with mail, for free and taken addresses alike."""

    def test_sends_one_letter_for_a_taken_address_as_for_a_free_one(self):
        self.person('owner', email='taken@example.com')
        for number, address in enumerate(('free@example.com', 'taken@example.com')):
            form = self.form(self.visitor, username=f'name{number}', email=address)
            answers = [self.visitor.post('/auth/register', form).status_code for _time in range(2)]
            self.assertEqual([302, 302], answers)
            self.assertEqual(number + 1, runner.run_due(self.app) + number)
        self.assertEqual(2, len(self.mailbox.letters))
