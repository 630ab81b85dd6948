"""A conversation on the site: writing, reading by looking, paging, deleting, and clear answers to what cannot be."""
import re
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Conversation, FormerUsername, KeptMessage, Message, MessageSetting, utcnow
from app.services import accounts, conversations
from tests.base import hidden_fields
from tests.messages.base import MessageCase
from tests.world import link


def said(page: str) -> list[str]:
    """What the messages on a page say, in its order, each with ">" before one's own.

    Nothing but their words decides in which direction they stand.
    """
    found = re.findall(r'<div class="msg( mine)?".*?dir="auto"[^>]*><p>(.*?)</p></div>', page, re.S)
    return [('>' if mine else '') + words for mine, words in found]


def talks(page: str) -> list[str]:
    """With whom the conversations are that a page lists, in its order."""
    return re.findall(r'class="who" href="/send_message/(\w+)#newest"', page)


class Writing(MessageCase):
    def write(self, visitor, path: str, words: str, **fields):
        return visitor.submit(path, message=words, **fields)

    def test_leads_to_the_conversation_that_both_see(self):
        answer = self.write(self.john, '/send_message/susan', 'Hello <b>you</b>, https://example.com')
        self.assertEqual((302, '/send_message/susan#newest'), (answer.status_code, answer.location))
        self.write(self.susan, '/send_message/john', 'Hello yourself')
        page = self.susan.get('/send_message/john').text
        self.assertEqual(['>Hello yourself'], said(page)[1:])
        self.assertIn('Hello &lt;b&gt;you&lt;/b&gt;, <a href="https://example.com" rel="nofollow noopener ugc">', page)
        self.assertIn('Who runs this site could read it, too.', page)
        self.assertEqual(['susan'], talks(self.john.get('/messages').text))

    def test_on_the_page_for_a_new_message_finds_people_by_their_name(self):
        answer = self.write(self.john, '/messages/new', 'Hello', recipient=' @Susan ')
        self.assertEqual((302, '/send_message/susan#newest'), (answer.status_code, answer.location))
        self.assertEqual(['Hello'], self.has('susan'))
        for recipient, words, wanted in (('nobody', 'Hello', 'There is nobody with this name.'), ('', 'x', 'There is '),
                                         ('susan', '', 'Write something first.'),
                                         ('john', 'x', 'You cannot write to yourself.')):
            answer = self.write(self.john, '/messages/new', words, recipient=recipient)
            self.assertEqual((200, True), (answer.status_code, wanted in answer.text), (recipient, words))

    def test_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(self):
        for words, wanted in (('x' * 2001, 'This is 1 character too long. A message has at most 2000.'),
                              (' \u200b', 'Write something first.'), ('', 'Write something first.'),
                              ('y' * 90_000, 'This is much too long.')):
            answer = self.write(self.john, '/send_message/susan', words)
            self.assertEqual(200, answer.status_code)
            for part in (wanted, words, 'aria-invalid="true"', 'id="message-error"'):
                self.assertIn(part, answer.text)
        self.assertEqual([], self.has('susan'))

    def test_to_oneself_is_refused_with_a_sentence(self):
        for answer in (self.john.get('/send_message/john'),
                       self.john.submit('/send_message/john', page='/about', message='x')):
            self.assertEqual((403, True), (answer.status_code, 'You cannot write to yourself.' in answer.text))
        self.assertEqual(0, self.rows(Message))

    def test_to_who_does_not_exist_or_is_hidden_is_404_and_keeps_the_text(self):
        self.person('hidden', suspended_at=utcnow())
        self.person('early', confirm_by=utcnow() + timedelta(days=1))
        for name in ('nobody', 'hidden', 'early'):
            self.assertEqual(404, self.john.get(f'/send_message/{name}').status_code, name)
            answer = self.john.submit(f'/send_message/{name}', page='/about', message='Do not lose & this')
            self.assertEqual(404, answer.status_code)
            self.assertIn('There is nobody with this name.', answer.text)
            self.assertIn('Do not lose &amp; this</textarea>', answer.text)
            again = self.john.post('/messages/new', {**hidden_fields(answer.text), 'recipient': 'susan',
                                                     'message': 'Do not lose & this'})
            self.assertEqual(302, again.status_code)

    def test_to_who_takes_no_messages_is_refused_and_keeps_the_text(self):
        page = self.john.get('/send_message/susan').text
        self.accepts('susan', MessageSetting.NOBODY)
        answer = self.john.post('/send_message/susan', {**hidden_fields(page), 'message': 'Hello?'})
        self.assertIn('susan does not take messages. Yours was not sent.', answer.text)
        self.assertIn('Hello?</textarea>', answer.text)
        page = self.john.get('/send_message/susan').text
        self.assertIn('susan does not take messages.', page)
        self.assertNotIn('<textarea', page)
        self.assertIn('so john cannot answer', self.susan.get('/send_message/john').text)

    def test_to_a_partner_who_was_suspended_is_refused_and_what_there_is_can_be_read(self):
        self.follows('john', 'susan')
        self.wrote_to('susan', 'john', 'Before')
        page = self.john.get('/send_message/susan').text
        self.change('susan', suspended_at=utcnow())
        answer = self.john.post('/send_message/susan', {**hidden_fields(page), 'message': 'After'})
        self.assertIn('This account is closed. Your message was not sent.', answer.text)
        page = self.john.get('/send_message/susan').text
        self.assertEqual(['Before'], said(page))
        self.assertNotIn('href="/user/susan"', page)
        self.assertNotIn('<textarea', page)
        self.assertEqual(['susan'], talks(self.john.get('/messages').text))

    def test_needs_a_confirmed_address(self):
        self.turn_mail_on()
        self.john.get('/about')
        self.change('john', confirm_by=utcnow() + timedelta(days=1))
        self.assertNotIn('<textarea', self.john.get('/send_message/susan').text)
        answer = self.john.submit('/send_message/susan', page='/about', message='Hello')
        self.assertEqual((403, []), (answer.status_code, self.has('susan')))
        self.change('john', confirm_by=None)

    def test_a_form_that_is_sent_three_times_is_one_message(self):
        fields = {**hidden_fields(self.john.get('/send_message/susan').text), 'message': 'once'}
        for _time in range(3):
            self.assertEqual(302, self.john.post('/send_message/susan', fields).status_code)
        self.assertEqual((['once'], 1), (self.has('susan'), self.unread('susan')))

    def test_follows_somebody_to_a_new_name(self):
        with self.app.app_context():
            self.find('susan').username = 'sue'
            db.session.commit()

            db.session.add(FormerUsername(username_key='susan', user_id=self.find('sue').id, reserved_until=utcnow()))
            db.session.commit()
        answer = self.john.get('/send_message/susan?before=x&_external=1')
        self.assertEqual((302, '/send_message/sue'), (answer.status_code, answer.location))
        answer = self.john.submit('/send_message/susan', page='/send_message/sue', message='Hi')
        self.assertEqual(302, answer.status_code)
        self.assertEqual(['Hi'], self.has('sue'))

    def test_is_offered_on_the_profile_of_who_takes_messages(self):
        self.assertIn('href="/send_message/susan#newest"', self.john.get('/user/susan').text)
        self.accepts('susan', MessageSetting.NOBODY)
        for visitor, path in ((self.john, '/user/susan'), (self.john, '/user/john'), (self.visitor, '/user/mary')):
            self.assertNotIn('/send_message', visitor.get(path).text)


class Reading(MessageCase):
    def look(self, visitor, path: str, **options) -> str:
        """Open a page, and let what follows the answer happen."""
        answer = visitor.get(path, **options)
        text = answer.text
        answer.close()
        return text

    def test_by_looking_marks_as_read_and_nothing_else_does(self):
        self.wrote_to('john', 'susan', 'one', 'two')
        self.look(self.susan, '/messages')
        self.susan.client.head('/send_message/john').close()
        self.look(self.susan, '/send_message/john', headers={'Sec-Purpose': 'prefetch;prerender'})
        self.look(self.susan, '/send_message/john', headers={'Purpose': 'prefetch'})
        self.look(self.john, '/send_message/susan')
        self.assertEqual(2, self.unread('susan'))
        page = self.look(self.susan, '/send_message/john')
        self.assertIn('<p class="seen">New</p>', page)
        self.assertEqual(0, self.unread('susan'))
        self.assertNotIn('class="seen"', self.susan.get('/send_message/john').text)

    def test_counts_what_came_while_one_looked(self):
        first, _second = self.wrote_to('john', 'susan', 'one', 'two')
        with self.app.app_context():
            conversations.look_at(self.find('susan').id, self.find('john').id, first)
            db.session.commit()
        self.assertEqual(1, self.unread('susan'))

    def test_shows_the_number_on_every_page_and_in_the_list(self):
        self.wrote_to('john', 'susan', 'one', 'two')
        for path in ('/about', '/messages'):
            self.assertIn('<span data-unread="messages">2</span>', self.susan.get(path).text)
        self.assertIn('<span class="count">2<', self.susan.get('/messages').text)
        self.assertIn('<span data-unread="messages">0</span>', self.susan.get('/send_message/john').text)

    def test_that_fails_fails_into_the_log(self):
        self.wrote_to('john', 'susan', 'one')

        broken = sa.exc.OperationalError('x', {}, Exception('locked'))
        with mock.patch('app.services.conversations.side', side_effect=broken), self.assertLogs('app', 'WARNING'):
            self.assertEqual(['one'], said(self.look(self.susan, '/send_message/john')))
        self.assertEqual(1, self.unread('susan'))

    def test_pages_a_conversation_by_cursor(self):
        self.app.config['POSTS_PER_PAGE'], kept = 3, self.app.config['POSTS_PER_PAGE']
        self.addCleanup(self.app.config.update, POSTS_PER_PAGE=kept)
        self.wrote_to('john', 'susan', *'abcdefgh')
        page, seen = self.susan.get('/send_message/john').text, []
        while True:
            seen = said(page) + seen
            older = re.search(r'href="([^"]*\?before=\d+)"', page)
            if not older:
                break
            page = self.susan.get(older[1]).text
        self.assertEqual(list('abcdefgh'), seen)
        newer = re.search(r'href="([^"]*\?after=\d+)"', page)[1]
        self.assertEqual(list('cde'), said(self.susan.get(newer).text))

    def test_pages_the_list_by_cursor_the_newest_first(self):
        self.app.config['POSTS_PER_PAGE'], kept = 2, self.app.config['POSTS_PER_PAGE']
        self.addCleanup(self.app.config.update, POSTS_PER_PAGE=kept)
        names = [f'partner{n}' for n in range(5)]
        for name in names:
            self.person(name)
            self.wrote_to('susan', name, f'Hello {name}')
        self.wrote_to('partner1', 'susan', 'Hello susan')
        page, seen = self.susan.get('/messages').text, []
        while True:
            seen += talks(page)
            if link(page, 'next') is None:
                break
            page = self.susan.get(link(page, 'next')).text
        self.assertEqual(['partner1', 'partner4', 'partner3', 'partner2', 'partner0'], seen)
        self.assertEqual(['partner3', 'partner2'], talks(self.susan.get(link(page, 'prev')).text))

    def test_an_absurd_cursor_is_404_or_the_nearest_page(self):
        self.wrote_to('john', 'susan', 'one')
        for path in ('/send_message/john', '/messages'):
            for cursor, status in (('x', 404), ('0', 200), ('9' * 30, 200), ('-1', 404)):
                self.assertEqual(status, self.susan.get(f'{path}?before={cursor}').status_code, (path, cursor))


class Requests(MessageCase):
    def setUp(self):
        super().setUp()
        self.wrote_to('mary', 'susan', 'Buy this')

    def test_stand_apart_with_sender_and_text(self):
        self.assertEqual([], talks(self.susan.get('/messages').text))
        page = self.susan.get('/messages/requests').text
        self.assertEqual(['mary'], talks(page))
        self.assertIn('Buy this', page)
        page = self.susan.get('/send_message/mary').text
        self.assertEqual(['Buy this'], said(page))
        self.assertNotIn('<textarea', page)

    def test_are_accepted(self):
        for _time in range(2):
            answer = self.susan.submit('/send_message/mary/accept', page='/send_message/mary')
            self.assertEqual((302, '/send_message/mary#newest'), (answer.status_code, answer.location))
        self.assertEqual(['mary'], talks(self.susan.get('/messages').text))
        self.assertIn('<textarea', self.susan.get('/send_message/mary').text)

    def test_are_declined_without_a_trace(self):
        for _time in range(2):
            answer = self.susan.submit('/send_message/mary/decline', page='/about')
            self.assertEqual((302, '/messages/requests'), (answer.status_code, answer.location))
        self.assertEqual(302, self.mary.submit('/send_message/susan', message='Hello?').status_code)
        self.assertEqual(['>Buy this', '>Hello?'], said(self.mary.get('/send_message/susan').text))
        for path in ('/messages', '/messages/requests', '/send_message/mary'):
            page = self.susan.get(path).text
            self.assertNotIn('Hello?', page)
            self.assertNotIn('Buy this', page)
            self.assertIn('<span data-unread="messages">0</span>', page)

    def test_refuse_get_and_who_has_none(self):
        for act in ('accept', 'decline'):
            self.assertEqual(405, self.susan.get(f'/send_message/mary/{act}').status_code)
            for visitor, name in ((self.susan, 'john'), (self.john, 'mary'), (self.susan, 'nobody'),
                                  (self.susan, 'susan')):
                answer = visitor.submit(f'/send_message/{name}/{act}', page='/about')
                self.assertEqual(404, answer.status_code, (act, name))


class Deleting(MessageCase):
    def setUp(self):
        super().setUp()
        self.one, self.two = self.wrote_to('john', 'susan', 'one', 'two')

    def test_a_message_asks_once_more_and_is_for_oneself(self):
        path = f'/messages/{self.two}/delete'
        self.assertIn('two', self.susan.get(path).text)
        self.assertEqual(['one', 'two'], self.has('susan'))
        answer = self.susan.submit(path)
        self.assertEqual((302, '/send_message/john'), (answer.status_code, answer.location))
        self.assertEqual((['one'], ['one', 'two']), (self.has('susan'), self.has('john')))
        self.assertEqual(404, self.susan.submit(path, page='/about').status_code)

    def test_a_conversation_asks_once_more_and_is_for_oneself(self):
        path = '/send_message/john/delete'
        self.assertEqual(200, self.susan.get(path).status_code)
        self.assertEqual(302, self.susan.submit(path).status_code)
        self.assertEqual(([], ['one', 'two']), (self.has('susan'), self.has('john')))
        self.assertEqual([], talks(self.susan.get('/messages').text))
        self.assertEqual(['susan'], talks(self.john.get('/messages').text))
        for status in (self.susan.get(path).status_code, self.susan.submit(path, page='/about').status_code):
            self.assertEqual(404, status)

    def test_an_account_takes_its_conversations_along(self):
        with self.app.app_context():
            accounts.delete(self.find('john'))
            db.session.commit()
        self.assertEqual((0, 0, 0), (self.rows(Message), self.rows(KeptMessage), self.rows(Conversation)))
        self.assertEqual(404, self.susan.get('/send_message/john').status_code)
        self.assertEqual([], talks(self.susan.get('/messages').text))
