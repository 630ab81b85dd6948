"""Who can read a message: the two who wrote it, and nobody else by any address, whatever was done with it."""
import io
import logging
from contextlib import redirect_stderr
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import utcnow
from app.services import accounts, conversations, messages
from tests.base import hidden_fields
from tests.messages.base import MessageCase

SECRET = 'The key lies under the third stone'


class Private(MessageCase):
    """What John wrote to Susan."""

    def setUp(self):
        super().setUp()
        self.id, = self.wrote_to('john', 'susan', SECRET)
        self.eve = self.log_in('eve')

    def addresses(self) -> list[str]:
        """Every page that could show a message."""
        names = ('john', 'susan', 'eve')
        return [*(f'/send_message/{name}{rest}' for name in names for rest in (
                    '', '?before=999999999', '?after=0', f'?before={self.id + 1}', '/delete')),
                f'/messages/{self.id}/delete', '/messages', '/messages?after=0', '/messages?before=999999999',
                '/messages/requests', '/messages/new', '/notifications', '/', '/explore', '/search?q=stone',
                '/user/john', '/user/susan', '/settings', '/settings/events', '/feed', f'/messages/{self.id}',
                f'/message/{self.id}']

    def readable(self, visitor) -> list[str]:
        """The addresses at which a visitor reads it."""
        found = []
        for path in self.addresses():
            answer = visitor.get(path)
            self.assertLess(answer.status_code, 500, path)
            if SECRET in answer.text:
                found.append(path)
                self.assertEqual('no-store', answer.headers['Cache-Control'], path)
            answer.close()
        return found

    def test_is_read_by_the_two_and_by_nobody_else(self):
        for visitor, other in ((self.susan, 'john'), (self.john, 'susan')):
            pages = {path.partition('?')[0] for path in self.readable(visitor)}  # the list stands beside each talk
            self.assertEqual({f'/send_message/{other}', '/send_message/eve', f'/messages/{self.id}/delete',
                              '/messages'}, pages)
        self.change('mary', is_admin=True)
        for visitor in (self.eve, self.mary, self.visitor):
            self.assertEqual([], self.readable(visitor))

    def test_is_not_read_by_who_was_suspended_or_logged_out(self):
        for change in (lambda: self.change('susan', suspended_at=utcnow()),
                       lambda: self.john.submit('/auth/logout', page='/about')):
            self.susan.get('/about')
            change()
        for visitor in (self.susan, self.john):
            self.assertEqual([], self.readable(visitor))

    def test_is_not_read_by_who_has_deleted_it_but_by_the_other(self):
        self.susan.submit(f'/messages/{self.id}/delete')
        self.assertEqual([], self.readable(self.susan))
        self.assertIn(SECRET, self.john.get('/send_message/susan').text)
        self.john.submit('/send_message/susan/delete')
        self.assertEqual([], self.readable(self.john))
        self.assertEqual([], self.kept())

    def test_is_read_by_nobody_once_one_of_the_two_has_left(self):
        with self.app.app_context():
            accounts.delete(self.find('john'))
            db.session.commit()
        self.person('john2')
        for visitor in (self.susan, self.eve):
            self.assertEqual([], self.readable(visitor))
        self.assertEqual([], self.kept())

    def test_of_others_answers_like_one_that_is_missing(self):
        for path in (f'/messages/{self.id}/delete', '/messages/987654321/delete'):
            read, sent = self.eve.get(path), self.eve.submit(path, page='/about')
            self.assertEqual((404, 404), (read.status_code, sent.status_code), path)
        self.assertEqual([SECRET], self.has('susan'))
        for name in ('susan', 'nobody'):
            self.assertEqual(404, self.eve.get(f'/send_message/{name}/delete').status_code, name)
            self.assertEqual(404, self.eve.submit(f'/send_message/{name}/delete', page='/about').status_code, name)
        self.assertEqual([SECRET], self.has('john'))

    def test_stands_in_no_log_even_when_sending_fails(self):
        with self.assertLogs(level=logging.DEBUG) as log, redirect_stderr(io.StringIO()):
            logging.getLogger('app').debug('begins')
            self.john.submit('/send_message/susan', message=SECRET)
            broken = sa.exc.OperationalError('INSERT', {'body': SECRET}, Exception('disk full'), hide_parameters=True)
            with mock.patch.object(messages, 'Message', side_effect=broken):
                self.john.submit('/send_message/susan', message=SECRET)
            with mock.patch.object(conversations, 'receive', side_effect=ValueError('no')):
                answer = self.john.submit('/send_message/susan', message=SECRET)
            self.assertEqual(500, answer.status_code)
        self.assertIn('ValueError', '\n'.join(log.output))
        self.assertNotIn(SECRET, '\n'.join(log.output))

    def test_stands_in_no_address_when_the_session_is_over(self):
        page = self.john.get('/send_message/susan').text
        self.assertIn('name="next" value="/send_message/susan"', page)
        form = {**hidden_fields(page), 'next': '/send_message/susan'}
        with self.app.app_context():
            db.session.execute(sa.text('DELETE FROM user_session'))
            db.session.commit()
        answer = self.john.post('/send_message/susan', {**form, 'message': SECRET})
        self.assertEqual(302, answer.status_code)
        self.assertNotIn('stone', answer.location)
        self.assertEqual('/auth/login?next=/send_message/susan', answer.location)

    def test_is_offered_again_when_the_form_was_too_old(self):
        answer = self.john.post('/send_message/susan', {'csrf_token': 'old', 'message': SECRET, 'form_key': 'k'})
        self.assertEqual(400, answer.status_code)
        self.assertIn(f'{SECRET}</textarea>', answer.text)
        self.assertIn('Your message', answer.text)

    def kept(self) -> list[str]:
        """Tables in which the words still stand."""
        with self.app.app_context():
            return [table.name for table in db.metadata.sorted_tables
                    if SECRET in str(db.session.execute(sa.select(table)).all())]
