"""Acts on accounts, without a browser: what they change, refuse and leave for later."""
import sqlalchemy as sa

from app import db
from app.models import FormerUsername, Task, User, UserSession, utcnow
from app.services import accounts, credentials, people, sessions
from tests.accounts import ActCase
from tests.base import PASSWORD, make_post, make_user
from tests.world import WorldCase


class Register(ActCase):
    def test_makes_a_person_and_never_commits(self):
        accounts.register('susan', 'susan@example.com', PASSWORD)
        self.assertEqual(1, self.count(User))
        db.session.rollback()
        self.assertEqual(0, self.count(User))

    def test_names_the_field_that_is_wrong(self):
        make_user('john')
        for field, username, address, password in (
                ('username', 'x y', 'a@example.com', PASSWORD), ('username', 'JOHN', 'a@example.com', PASSWORD),
                ('username', 'root', 'a@example.com', PASSWORD), ('email', 'susan', 'a', PASSWORD),
                ('email', 'susan', 'JOHN@example.com', PASSWORD), ('password', 'susan', 'a@example.com', 'short'),
                ('password', 'bottles', 'a@example.com', 'Bottles99')):
            self.refused(field, accounts.register, username, address, password)
            db.session.rollback()
        self.assertEqual(1, self.count(User))

    def test_the_table_itself_holds_names_and_addresses_apart(self):
        make_user('john')
        for name, address in (('JOHN', 'a@example.com'), ('mary', 'John@EXAMPLE.COM')):
            db.session.add(User(username=name, email=address))
            with self.assertRaises(sa.exc.IntegrityError):
                db.session.flush()
            db.session.rollback()


class Authenticate(ActCase):
    def test_finds_by_name_and_by_address(self):
        susan = make_user('susan')
        for login in ('susan', 'SUSAN', 'Susan@example.com'):
            self.assertIs(susan, accounts.authenticate(login, PASSWORD))

    def test_an_at_sign_makes_it_an_address(self):
        make_user('susan')
        for login in ('@susan', 'susan@', '@', 'susan@example'):
            self.assertIsNone(accounts.authenticate(login, PASSWORD))

    def test_finds_nobody_by_a_name_of_before(self):
        susan = make_user('susan')
        people.rename(susan, 'sue', PASSWORD)
        db.session.commit()
        self.assertIsNone(accounts.authenticate('susan', PASSWORD))


class Suspend(ActCase):
    def test_twice_is_once_and_lifting_it_too(self):
        susan = make_user('susan')
        sessions.start(susan, False, '', '')
        accounts.suspend(susan)
        since = susan.suspended_at
        accounts.suspend(susan)
        db.session.commit()
        self.assertEqual((since, 0), (susan.suspended_at, self.count(UserSession)))
        self.assertIsNone(accounts.authenticate('susan', PASSWORD))
        for _time in range(2):
            accounts.reinstate(susan)
        self.assertIs(susan, accounts.authenticate('susan', PASSWORD))


class Delete(ActCase):
    def test_removes_somebody_with_tasks_and_a_former_name(self):
        susan = make_user('susan')
        make_post(susan)
        people.rename(susan, 'sue', PASSWORD)
        credentials.request_email_change(susan, 'new@example.com', PASSWORD)
        db.session.add(Task(name='anything', arguments={}, user_id=susan.id))
        db.session.commit()
        accounts.delete(susan)
        db.session.commit()
        self.assertEqual([0, 0, 0], [self.count(model) for model in (User, FormerUsername, Task)])


class Sessions(ActCase):
    def test_tokens_are_random_and_kept_as_a_hash(self):
        susan = make_user('susan')
        tokens = {sessions.start(susan, False, 'x' * 5000, '1' * 500) for _time in range(20)}
        db.session.commit()
        stored = set(db.session.scalars(sa.select(UserSession.token_hash)))
        self.assertEqual((20, 20), (len(tokens), len(stored)))
        self.assertEqual({43}, {len(token) for token in tokens})
        self.assertEqual(set(), tokens & stored)

    def test_ending_others_without_a_session_of_ones_own_ends_all(self):
        susan, john = make_user('susan'), make_user('john')
        own = sessions.start(susan, False, '', '')
        sessions.start(susan, True, '', '')
        sessions.start(john, True, '', '')
        self.assertEqual(1, sessions.end_others(susan, own))
        self.assertEqual(1, sessions.end_others(susan, None))
        self.assertEqual(1, self.count(UserSession))


class Rename(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def rename(self, username, visitor=None):
        fields = {'username': username, 'password': PASSWORD, 'name': '', 'about_me': ''}
        return (visitor or self.susan).submit('/edit_profile', **fields)

    def test_old_links_lead_on_in_one_step_through_several_names(self):
        id, = self.wrote('susan', 'hello')
        for name in ('sue', 'suzy', 'Suzette'):
            self.assertEqual(302, self.rename(name).status_code)
        for old in ('susan', 'SUE', 'suzy', 'suzette'):
            answer = self.visitor.get(f'/user/{old}')
            self.assertEqual((301, '/user/Suzette'), (answer.status_code, answer.location))
        self.assertEqual('/user/Suzette/followers?before=x', self.visitor.get('/user/sue/followers?before=x').location)
        self.assertEqual('/user/Suzette', self.visitor.get('/@susan').location)
        self.assertIn('/user/Suzette', self.visitor.get(f'/post/{id}').text)

    def test_keeps_sessions_follows_and_posts(self):
        self.person('john')
        self.follows('john', 'susan')
        self.rename('sue')
        self.assertEqual(200, self.susan.get('/user/sue').status_code)
        self.assertIn('/user/john', self.susan.get('/user/sue/followers').text)

    def test_a_follow_by_the_old_name_reaches_the_person(self):
        self.rename('sue')
        self.log_in('john').submit('/follow/susan', page='/user/sue')
        self.assertEqual(1, self.value(sa.select(User.followers_number).where(User.username == 'sue')))

    def test_two_can_swap_their_names_only_after_the_reservation(self):
        john = self.log_in('john')
        self.rename('sue')
        self.assertEqual(200, self.rename('susan', john).status_code)
        with self.app.app_context():
            db.session.execute(sa.update(FormerUsername).values(reserved_until=utcnow()))
            db.session.commit()
        self.assertEqual(302, self.rename('susan', john).status_code)
        self.assertEqual(200, self.visitor.get('/user/susan').status_code)
        self.assertEqual('/user/susan', self.visitor.get('/user/john').location)
        self.assertEqual(['john'], self.former())

    def test_reserves_the_name_for_ninety_days(self):
        self.rename('sue')
        left = self.value(sa.select(FormerUsername.reserved_until)) - utcnow()
        self.assertEqual(90, round(left.total_seconds() / 86400))

    def test_the_profile_of_a_suspended_person_leads_nowhere_by_any_name(self):
        self.rename('sue')
        self.change('sue', suspended_at=utcnow())
        self.assertEqual([404, 404], [self.visitor.get(f'/user/{name}').status_code for name in ('sue', 'susan')])

    def former(self):
        with self.app.app_context():
            return list(db.session.scalars(sa.select(FormerUsername.username_key)))
