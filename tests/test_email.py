"""Letters arrive over real SMTP, in the reader's language, also when the server was down."""
import sqlalchemy as sa

from app import db
from app.email import send_email
from app.models import Task, utcnow
from tests.base import AppTestCase
from tests.mailbox import Mailbox


class MailCase(AppTestCase):
    answer = '250 OK'

    def setUp(self):
        super().setUp()
        self.mailbox = Mailbox(self.answer)
        state = self.app.extensions['mail']
        state.server, state.port, state.suppress = '127.0.0.1', self.mailbox.port, False

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


class RefusingServer(MailCase):
    answer = '554 no such mailbox'

    def test_a_refusal_for_good_is_given_up(self):
        self.send()
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual(('failed', 'GiveUp: the mail server refuses the letter (554)'),
                         (self.task().state, self.task().error))


