"""Letters arrive over real SMTP, in the reader's language, also when the server was down."""
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import db, email, postbox
from app.email import send_email
from app.models import RefusedAddress, Task, utcnow
from app.services import letters, upkeep
from tests.accounts import LetterCase
from tests.base import AppTestCase
from tests.mailbox import Mailbox


class Away(Exception):
    """What a driver raises."""

    sqlstate = '08006'


class MailCase(AppTestCase):
    answer = '250 OK'

    def setUp(self):
        super().setUp()
        self.mailbox = Mailbox(self.answer)
        self.enterContext(mock.patch.multiple(
            self.app.extensions['mail'], server='127.0.0.1', port=self.mailbox.port, suppress=False))

    def tearDown(self):
        self.mailbox.stop()
        super().tearDown()

    def send(self, subject='Grüße', recipients=('susan@example.com',)):
        with self.app.app_context():
            send_email(subject, 'site@example.com', list(recipients), 'plain text', '<p>rich text</p>')

    def task(self):
        with self.app.app_context():
            return db.session.scalar(sa.select(Task))


class Sending(MailCase):
    def test_a_letter_has_a_text_and_an_html_part(self):
        self.send()
        self.run_tasks()
        letter, = self.mailbox.letters
        self.assertEqual(('Grüße', 'site@example.com', 'susan@example.com'),
                         (letter['Subject'], letter['From'], letter['To']))
        self.assertEqual('plain text', self.mailbox.text().strip())
        self.assertEqual('<p>rich text</p>', self.mailbox.html().strip())

    def test_inside_a_transaction_a_letter_waits_for_the_commit(self):
        with self.app.app_context():
            db.session.execute(sa.select(1))
            send_email('Hello', None, ['susan@example.com'], 'text', '<p>html</p>')
            db.session.rollback()
        self.assertEqual(0, self.run_tasks())

    def test_no_transaction_is_open_while_the_mail_server_thinks(self):
        self.send()
        line, open_ones = postbox.line, []

        def look(mail):
            open_ones.append(db.session().in_transaction())
            return line(mail)
        with mock.patch.object(postbox, 'line', look):
            self.run_tasks()
        self.assertEqual(([False], 'done'), (open_ones, self.task().state))

    def test_a_letter_is_kept_while_the_server_is_down_and_arrives_later(self):
        self.mailbox.stop()
        self.send()
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual('waiting', self.task().state)
        self.mailbox = Mailbox(port=self.mailbox.port)
        with self.app.app_context():
            db.session.execute(sa.update(Task).values(run_after=utcnow()))
            db.session.commit()
        self.run_tasks()
        self.assertEqual(1, len(self.mailbox.letters))
        self.assertEqual(('done', None), (self.task().state, self.task().arguments))

    def test_a_line_break_in_a_subject_makes_no_header(self):
        self.send('Hello\r\nBcc: eve@example.com')
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual([], self.mailbox.letters)


class BusyServer(MailCase):
    answer = '451 come back later'

    def test_a_refusal_for_now_is_tried_again(self):
        self.send()
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual('waiting', self.task().state)


class SlowServer(MailCase):
    def test_letters_that_it_does_not_answer_wait_and_say_why(self):
        self.mailbox.hold()
        self.send()
        with mock.patch('app.postbox.SECONDS', 0.3), self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.mailbox.go_on()
        self.assertEqual(('waiting', True), (self.task().state, email.is_away(self.task().error)), self.task().error)


class RefusingServer(MailCase):
    answer = '554 no such mailbox'

    def test_a_refusal_for_good_is_given_up(self):
        self.send()
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual(('failed', 'GiveUp: the mail server refuses the letter (554)'),
                         (self.task().state, self.task().error))




class Connections(MailCase):
    def test_several_letters_go_over_one(self):
        for _letter in range(5):
            self.send()
        self.run_tasks()
        self.assertEqual((5, 1), (len(self.mailbox.letters), self.mailbox.connections))

    def test_one_is_closed_when_it_lies_idle(self):
        self.send()
        self.run_tasks()
        postbox.hang_up()
        self.assertEqual(1, len(postbox._kept))
        postbox.hang_up(0)
        self.assertEqual([], postbox._kept)
        self.send()
        self.run_tasks()
        self.assertEqual((2, 2), (len(self.mailbox.letters), self.mailbox.connections))

    def test_one_that_the_server_has_closed_is_replaced(self):
        self.send()
        self.run_tasks()
        port = self.mailbox.port
        kept = postbox._kept.pop()
        self.mailbox.stop()
        postbox._kept.append(kept)
        self.mailbox = Mailbox(port=port)
        self.send()
        self.run_tasks()
        self.assertEqual(('done', 1), (len(self.mailbox.letters) and 'done', len(self.mailbox.letters)))

    def test_one_takes_not_more_letters_than_servers_like(self):
        with mock.patch('app.postbox.MOST_LETTERS', 2):
            for _letter in range(5):
                self.send()
            self.run_tasks()
        self.assertEqual((5, 3), (len(self.mailbox.letters), self.mailbox.connections))

    def test_while_the_server_is_away_one_letter_tries_and_the_others_wait(self):
        for _letter in range(4):
            self.send()
        with self.assertLogs(self.app.logger, 'ERROR'), \
                mock.patch('app.postbox.Line._connect', side_effect=OSError) as connect:
            self.run_tasks()
        self.assertEqual(1, connect.call_count)
        with self.app.app_context():
            waiting = db.session.execute(sa.select(Task.state, Task.attempts)).all()
        self.assertEqual([('waiting', 1)] * 4, waiting)

    def test_a_letter_whose_end_the_database_could_not_note_is_not_sent_twice(self):
        self.send()
        real, broken = db.session.commit, []

        def commit():
            if self.mailbox.letters and not broken:
                broken.append(True)
                raise OperationalError('COMMIT', {}, Away())
            real()
        with mock.patch.object(db.session, 'commit', commit), mock.patch('app.tasks.runner.POLL_SECONDS', 0), \
                mock.patch('app.tasks.runner._ending', mock.Mock(wait=lambda seconds: False)):
            self.run_tasks()
        self.assertEqual(([True], 1), (broken, len(self.mailbox.letters)))
        self.assertEqual(('done', 1), (self.task().state, self.task().attempts))

    def test_a_letter_that_is_sent_again_has_the_same_name(self):
        self.send()
        self.run_tasks()
        email._sent.clear()  # as in another process
        with self.app.app_context():
            created = self.task().created_at
            db.session.execute(sa.delete(Task))
            send_email('Grüße', 'site@example.com', ['susan@example.com'], 'plain text', '<p>rich text</p>')
            db.session.execute(sa.update(Task).values(created_at=created, attempts=3, id=1))
            db.session.commit()
        self.run_tasks()
        self.send()
        self.run_tasks()
        first, again, other = [letter['Message-ID'] for letter in self.mailbox.letters]
        self.assertEqual((True, True), (first.split('.')[1:] == again.split('.')[1:], first != other))
        self.assertTrue(first.endswith('@example.com>'), first)


class Refused(LetterCase):
    """Mailboxes that are not there (any more)."""

    GONE = '550 5.1.1 no such user here'

    def refuse(self, said: str, username: str = 'susan') -> None:
        self.mailbox.no_mailboxes = {f'{username}@example.com': said}
        self.addCleanup(self.mailbox.no_mailboxes.clear)

    def tell(self) -> None:
        """Write something to Susan that she did not ask for."""
        with self.app.app_context():
            letters.tell_password_changed(self.find('susan'))
            db.session.commit()

    def test_are_remembered_and_written_to_no_more(self):
        self.person('susan')
        self.refuse(self.GONE)
        self.tell()
        with self.assertLogs(self.app.logger, 'ERROR') as logged:
            self.run_tasks()
        self.assertNotIn('susan@', ''.join(logged.output))
        self.assertEqual(('failed', 1), (self.value(sa.select(Task.state)), self.rows(RefusedAddress)))
        self.mailbox.no_mailboxes.clear()
        self.tell()
        self.assertEqual([], self.arrived())

    def test_their_owners_read_so_in_the_settings(self):
        susan = self.log_in('susan')
        self.assertNotIn('came back', susan.get('/settings').text)
        with self.app.app_context():
            email.remember(['SUSAN@Example.com'])
            db.session.commit()
        self.assertIn('E-mails to this address came back', susan.get('/settings').text)
        self.assertNotIn('came back', self.log_in('john').get('/settings').text)

    def test_get_what_somebody_asks_for_and_are_good_again_when_its_link_is_opened(self):
        self.person('susan')
        with self.app.app_context():
            email.remember(['susan@example.com'])
            db.session.commit()
        self.visitor.submit('/auth/reset_password_request', email='susan@example.com')
        self.visitor.submit(self.link(), password='a new password 1', password2='a new password 1')
        self.assertEqual(0, self.rows(RefusedAddress))
        self.assertEqual(2, len(self.arrived()))

    def test_are_not_told_from_other_refusals(self):
        self.person('susan')
        for said in ('550 5.7.1 relaying denied', '554 5.7.1 we do not like you', '552 5.2.2 mailbox full',
                     '550-5.7.26 not signed\r\n550 5.7.26 at all', '451 4.3.0 later', '421 4.3.2 going down'):
            self.refuse(said)
            self.tell()
            with self.assertLogs(self.app.logger, 'ERROR'):
                self.run_tasks()
            self.assertEqual(0, self.rows(RefusedAddress), said)
        for said in ('550 no such user', '551 moved', '553 5.1.3 what is that', '550 5.2.1 disabled'):
            self.refuse(said)
            self.tell()
            with self.assertLogs(self.app.logger, 'ERROR'):
                self.run_tasks()
            self.assertEqual(1, self.rows(RefusedAddress), said)
            with self.app.app_context():
                db.session.execute(sa.delete(RefusedAddress))
                db.session.commit()

    def test_are_forgotten_after_a_month(self):
        with self.app.app_context():
            email.remember(['old@example.com', 'new@example.com'])
            db.session.execute(sa.update(RefusedAddress).where(RefusedAddress.is_of('old@example.com')).values(
                refused_at=utcnow() - timedelta(days=31)))
            db.session.commit()
            upkeep.remove_expired()
            db.session.commit()
        self.assertEqual('new@example.com', self.value(sa.select(RefusedAddress.email_key)))


class Encrypted(MailCase):
    def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_no_letter(self):
        self.mailbox.stop()
        self.mailbox = Mailbox(tls=True)
        state = self.app.extensions['mail']
        state.port = self.mailbox.port
        self.enterContext(mock.patch.object(state, 'use_tls', True))
        self.send()
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual([], self.mailbox.letters)
        self.assertEqual('MailAway: no connection to the mail server (SSLCertVerificationError)', self.task().error)

    def test_nor_does_one_that_offers_no_encryption(self):
        state = self.app.extensions['mail']
        self.enterContext(mock.patch.object(state, 'use_tls', True))
        self.send()
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual(([], 'waiting'), (self.mailbox.letters, self.task().state))
