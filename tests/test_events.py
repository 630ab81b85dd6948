"""Security events: a line in the log and a row for whom it concerns, and never a secret in either."""
import logging
import re

import sqlalchemy as sa

from app import db, events
from app.models import Event, User
from app.services import accounts, people
from tests.accounts import ActCase, LetterCase, PostalConfig
from tests.base import PASSWORD, make_user

NEW = 'eight brown bottles'
FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
LINE = re.compile(r'event=[a-z_]+ user=(\d+|-) from=\S+ browser=("[^"]*"|\S+) request=(-|[0-9A-F]{4}(-[0-9A-F]{4}){2})'
                  r'( [a-z]+=("([^"\\]|\\.)*"|[A-Za-z0-9_.:/-]+))*')


class EventCase(LetterCase):
    def kinds(self) -> list[tuple[str, int | None]]:
        """Every row that there is: what and whose."""
        with self.app.app_context():
            return [tuple(row) for row in db.session.execute(sa.select(Event.kind, Event.user_id).order_by(Event.id))]

    def said(self, act) -> list[str]:
        """The lines that an act writes into the log."""
        with self.assertLogs('app.events', 'INFO') as log:
            act()
        return [record.getMessage() for record in log.records]


class Rows(EventCase):
    """What a person does, and what its owner finds of it."""

    def setUp(self):
        super().setUp()
        self.visitor = self.new_visitor(**{'User-Agent': FIREFOX})
        self.id = self.person('susan')

    def log_in_as(self, password=PASSWORD, name='susan'):
        return self.visitor.submit('/auth/login', username=name, password=password)

    def test_tell_what_from_where_with_what_and_in_which_request(self):
        number = self.log_in_as().headers['X-Request-ID']
        with self.app.app_context():
            row = db.session.scalar(sa.select(Event))
            self.assertEqual((self.id, 'login', '127.0.0.1', FIREFOX, number),
                             (row.user_id, row.kind, row.address, row.browser, row.request_id))

    def test_of_log_ins_and_log_outs(self):
        self.log_in_as('wrong')
        self.log_in_as()
        self.visitor.submit('/auth/logout', page='/settings')
        self.assertEqual([('login_failed', self.id), ('login', self.id), ('logout', self.id)], self.kinds())

    def test_of_a_name_that_nobody_has_tell_neither_name_nor_person(self):
        lines = self.said(lambda: self.log_in_as('wrong', name='my-secret-password'))
        self.assertEqual([('login_failed', None)], self.kinds())
        self.assertNotIn('secret', lines[0])
        self.assertIn('event=login_failed user=- from=127.0.0.1 browser="Firefox on Linux"', lines[0])

    def test_of_changes_in_the_settings(self):
        susan = self.log_in('susan')
        susan.submit('/settings/password', current_password=PASSWORD, password=NEW, password2=NEW)
        susan.submit('/settings/email', email='new@example.com', current_password=NEW)
        susan.submit(self.link())
        susan.submit('/edit_profile', username='sue', password=NEW, name='', about_me='')
        susan.submit('/settings/sessions/end', page='/settings/sessions')
        wanted = ['login', 'password_changed', 'email_change_requested', 'email_changed', 'renamed', 'sessions_ended']
        self.assertEqual([(kind, self.id) for kind in wanted], self.kinds())

    def test_of_a_reset_name_the_request_that_asked_for_it(self):
        number = self.visitor.submit('/auth/reset_password_request', email='susan@example.com').headers['X-Request-ID']
        self.visitor.submit(self.link(), password=NEW, password2=NEW)
        self.assertEqual([('reset_link_sent', self.id), ('password_reset', self.id)], self.kinds())
        self.assertEqual(number, self.value(sa.select(Event.request_id).order_by(Event.id).limit(1)))
        self.assertEqual('127.0.0.1', self.value(sa.select(Event.address).order_by(Event.id).limit(1)))

    def test_of_a_new_account_and_of_one_who_has_the_address_already(self):
        form = {'email': 'new@example.com', 'password': PASSWORD, 'password2': PASSWORD}
        self.visitor.submit('/auth/register', username='john', **form)
        self.visitor.submit(self.link())
        self.visitor.submit('/auth/register', username='mary', **{**form, 'email': 'susan@example.com'})
        john = self.value(sa.select(User.id).where(User.username == 'john'))
        self.assertEqual([('registered', john), ('email_confirmed', john), ('address_tried', self.id)], self.kinds())

    def test_of_the_operator_come_from_the_command_line(self):
        run = self.app.test_cli_runner().invoke
        for arguments in (('password', 'susan', '--password', NEW), ('promote', 'susan'), ('suspend', 'susan'),
                          ('suspend', 'susan'), ('suspend', 'susan', '--lift'), ('sessions', 'susan', '--end')):
            self.assertEqual(0, run(args=['user', *arguments]).exit_code)
        wanted = ['password_changed', 'promoted', 'suspended', 'reinstated', 'sessions_ended']
        self.assertEqual(wanted, [kind for kind, _id in self.kinds()])
        with self.app.app_context():
            self.assertEqual({('command line', '')}, {tuple(row) for row in db.session.execute(
                sa.select(Event.address, Event.request_id))})

    def test_go_with_the_account_and_the_log_tells_that_it_went(self):
        susan = self.log_in('susan')
        lines = self.said(lambda: susan.submit('/settings/delete', current_password=PASSWORD))
        self.assertEqual(1, len(lines))
        self.assertIn(f'event=account_deleted user={self.id} from=127.0.0.1', lines[0])
        self.assertEqual([], self.kinds())


class Refusals(EventCase):
    """What is only in the log: refused forms, hosts, permissions, passwords."""

    def test_name_the_person_who_is_known(self):
        id = self.person('susan')
        susan = self.log_in('susan')
        for act, kind in ((lambda: susan.post('/', {'post': 'x'}), 'form_refused'),
                          (lambda: susan.submit('/follow/susan', page='/'), 'permission_refused'),
                          (lambda: susan.submit('/settings/password', current_password='x', password=NEW,
                                                password2=NEW), 'password_refused')):
            line, = self.said(act)
            self.assertIn(f'event={kind} user={id} from=127.0.0.1', line)

    def test_of_foreign_hosts_and_forms_quote_what_they_say(self):
        line, = self.said(lambda: self.visitor.get('/', headers={'Host': 'evil"x=1 event=login'}))
        self.assertIn(r'event=host_refused user=- ', line)
        self.assertTrue(line.endswith(r'host="evil\"x=1 event=login"'), line)
        line, = self.said(lambda: self.visitor.post('/auth/login', {}, headers={'Origin': 'https://evil.example'}))
        self.assertIn('event=origin_refused', line)


class SmallLimits(PostalConfig):
    RATELIMIT_ENABLED = True
    LIMIT_LOGIN = '2 per 5 minute'


class Limits(EventCase):
    config = SmallLimits

    def test_that_are_reached_are_in_the_log_once(self):
        lines = self.said(lambda: [self.visitor.submit('/auth/login', username='susan', password='wrong')
                                   for _time in range(5)])
        self.assertEqual(2, sum(line.startswith('event=login_failed user=- from=127.0.0.1') for line in lines))
        said = [line for line in lines if line.startswith('event=limit_reached')]
        self.assertEqual(1, len(said), lines)
        self.assertIn('user=- from=127.0.0.1', said[0])


class Lines(EventCase):
    def test_are_each_one_record_that_nobody_can_forge(self):
        self.person('susan')
        evil = self.new_visitor(**{'User-Agent': 'x" event=login user=1 Firefox/1 \u2028\x85'})
        lines = self.said(lambda: evil.submit('/auth/login', username='susan\u2028event=login user=1', password='x'))
        lines += self.said(lambda: evil.get('/', headers={'Host': 'a\u2028b\\" c\x85'}))
        lines += self.said(lambda: evil.submit('/auth/login', username='susan', password=PASSWORD))
        for line in lines:
            self.assertTrue(LINE.fullmatch(line), line)
            self.assertTrue(line.isascii())

    def test_wait_for_the_commit_and_are_forgotten_with_a_rollback(self):
        with self.app.app_context(), self.assertNoLogs('app.events', 'INFO'):
            susan = make_user('susan')
            events.record('login', susan)
            db.session.rollback()
            db.session.commit()
        self.assertEqual([], self.kinds())

    def test_hold_no_secret_and_no_address(self):
        form = {'username': 'susan', 'email': 'susan@example.com', 'password': PASSWORD, 'password2': PASSWORD}

        def story():
            self.visitor.submit('/auth/register', **form)
            path = self.link()
            self.visitor.submit(path)
            self.visitor.get(path)
            self.visitor.post(path)
            self.visitor.submit('/auth/login', username='susan@example.com', password='wrong-words')
            self.visitor.submit('/auth/reset_password_request', email='susan@example.com')
            self.visitor.submit(self.link(), password=NEW, password2=NEW)
            self.visitor.submit('/auth/login', username='susan', password=NEW)
        lines = '\n'.join(self.said(story))
        self.assertEqual(8, lines.count('event='), lines)
        for secret in (PASSWORD, NEW, 'wrong-words', 'example.com', 'eyJ', 'susan', 'confirm/'):
            self.assertNotIn(secret, lines)

    def test_are_written_where_the_log_of_the_application_is(self):
        self.assertIs(self.app.logger, logging.getLogger('app.events').parent)


class Record(ActCase):
    def test_for_somebody_deleted_at_this_moment_spoils_no_act(self):
        susan, john = make_user('susan'), make_user('john')
        accounts.delete(susan)
        db.session.commit()
        events.record('login_failed', susan)
        people.rename(john, 'johnny', PASSWORD)
        db.session.commit()
        self.assertEqual(['renamed'], list(db.session.scalars(sa.select(Event.kind))))

    def test_of_the_site_itself_comes_from_nowhere(self):
        events.record('login', make_user('susan'))
        db.session.commit()
        self.assertEqual(('', '', ''), tuple(db.session.execute(
            sa.select(Event.address, Event.browser, Event.request_id)).one()))

    def test_cuts_what_is_too_long_for_its_column(self):
        events.come_from('1' * 500, 'x' * 5000, '2' * 500)
        events.record('login', make_user('susan'))
        db.session.commit()
        self.assertEqual((45, 255, 14), tuple(map(len, db.session.execute(
            sa.select(Event.address, Event.browser, Event.request_id)).one())))
