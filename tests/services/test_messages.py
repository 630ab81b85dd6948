"""Writing to somebody: how it arrives, who may, what once means, and what each of the two has of it."""
import re
from datetime import timedelta

import sqlalchemy as sa

from app import db
from app.exceptions import AccountGone, Forbidden, NotFound, Refused
from app.models import Conversation, KeptMessage, Message, MessageSetting, Notification, User, utcnow
from app.policies.messages import arrives_as
from app.queries import messages as reading
from app.services import accounts, conversations, messages
from tests.messages.base import MessageCase

OPEN, REQUEST, DECLINED = Conversation.OPEN, Conversation.REQUEST, Conversation.DECLINED
EVERYONE, FOLLOWING, NOBODY = MessageSetting.EVERYONE, MessageSetting.FOLLOWING, MessageSetting.NOBODY


class ActsCase(MessageCase):
    def act(self, verb, actor: str, other: str, *arguments):
        """Run an act of one person on another, and commit."""
        with self.app.app_context():
            made = verb(self.find(actor), self.find(other), *arguments)
            db.session.commit()
            return made.id if made is not None else None

    def refusal(self, kind, *arguments) -> str:
        """What the act says when it refuses."""
        with self.assertRaises(kind) as refusal:
            self.act(*arguments)
        return str(getattr(refusal.exception, 'message', refusal.exception))

    def look(self, owner: str, other: str) -> None:
        """Let somebody see all that they have of a conversation."""
        with self.app.app_context():
            newest = db.session.scalar(sa.select(sa.func.max(KeptMessage.message_id)).where(
                KeptMessage.owner_id == self.find(owner).id))
            conversations.look_at(self.find(owner).id, self.find(other).id, newest or 0)
            db.session.commit()

    def told(self, username: str) -> int:
        """How many notifications of messages somebody has not read."""
        return self.value(sa.select(sa.func.count()).select_from(Notification).join(
            User, User.id == Notification.user_id).where(User.username == username, Notification.kind == 'message',
                                                         Notification.is_read.is_(False)))


class WayIn(MessageCase):
    def test_is_decided_by_choice_following_and_what_was_before(self):
        for accepts, follows, state, wanted in (
                (FOLLOWING, True, None, OPEN), (FOLLOWING, False, None, REQUEST), (FOLLOWING, False, OPEN, OPEN),
                (FOLLOWING, False, REQUEST, REQUEST), (FOLLOWING, True, REQUEST, OPEN),
                (FOLLOWING, False, DECLINED, DECLINED), (FOLLOWING, True, DECLINED, OPEN),
                (EVERYONE, False, None, OPEN), (EVERYONE, False, REQUEST, OPEN), (EVERYONE, False, DECLINED, DECLINED),
                (NOBODY, True, OPEN, None), (NOBODY, False, None, None)):
            self.assertEqual(wanted, arrives_as(accepts, follows, state), (accepts, follows, state))


class Send(ActsCase):
    def test_both_have_it_and_the_recipient_has_it_unread(self):
        self.act(messages.send, 'john', 'susan', '  Hello\r\nthere  ')
        self.assertEqual((['Hello\nthere'], ['Hello\nthere']), (self.has('john'), self.has('susan')))
        self.assertEqual((0, 1, 0, 1), (self.unread('john'), self.unread('susan'), self.told('john'),
                                        self.told('susan')))
        self.assertEqual(1, self.rows(Message))

    def test_takes_the_language_of_its_author(self):
        self.change('john', language='ar')
        self.act(messages.send, 'john', 'susan', 'Hello')
        self.assertEqual('ar', self.value(sa.select(Message.language)))

    def test_counts_as_posts_do_up_to_2000(self):
        family = '\U0001f468\u200d\U0001f469\u200d\U0001f467'
        address = 'https://example.com/' + 'x' * 900
        for text in ('a' * 2000, family * 1600, 'a' * 1976 + ' ' + address):
            self.act(messages.send, 'john', 'susan', text)
        for text, said in (('a' * 2001, '1 character too long'), (family * 1601, 'Shorten it'), ('', 'Write something'),
                           ('\u200b \u2060', 'Write something'), ('x' * 90_000, 'much too long'),
                           ('x' * 30_000, '28000 characters too long')):
            self.assertIn(said, self.refusal(Refused, messages.send, 'john', 'susan', text))
        self.assertEqual(3, self.rows(Message))

    def test_the_same_form_with_the_same_text_is_one_message(self):
        ids = [self.act(messages.send, 'john', 'susan', text, 'key') for text in ('one', 'one ', 'two', 'one')]
        self.assertEqual((1, ['one', 'two'], 2), (len({ids[0], ids[1], ids[3]}), self.has('susan'),
                                                  self.unread('susan')))
        self.act(messages.send, 'john', 'mary', 'one', 'key')
        self.assertEqual(['one'], self.has('mary'))
        self.assertIn('deleted', self.refusal(Refused, self.send_again_once_deleted, 'john', 'susan'))

    @staticmethod
    def send_again_once_deleted(john, susan):
        message = messages.send(john, susan, 'one', 'key')
        conversations.delete_message(john, message, susan)
        conversations.delete_message(susan, message, john)
        return messages.send(john, susan, 'one', 'key')

    def test_to_oneself_is_refused(self):
        self.assertIn('yourself', self.refusal(Forbidden, messages.send, 'john', 'john', 'Hello'))

    def test_to_who_is_suspended_or_unconfirmed_is_refused(self):
        for values in ({'suspended_at': utcnow()}, {'suspended_at': None, 'confirm_by': utcnow() + timedelta(days=1)}):
            self.change('susan', **values)
            self.assertIn('closed', self.refusal(Refused, messages.send, 'john', 'susan', 'Hello'))
        self.change('susan', confirm_by=None)

    def test_of_who_is_suspended_or_unconfirmed_is_refused(self):
        self.turn_mail_on()
        self.change('john', confirm_by=utcnow() + timedelta(days=1))
        self.assertIn('Confirm', self.refusal(Forbidden, messages.send, 'john', 'susan', 'Hello'))
        self.change('john', confirm_by=None, suspended_at=utcnow())
        self.assertIn('suspended', self.refusal(Forbidden, messages.send, 'john', 'susan', 'Hello'))

    def test_to_or_of_who_was_deleted_a_moment_ago_finds_nobody(self):
        for name, kind in (('susan', NotFound), ('john', AccountGone)):
            with self.app.app_context():
                john, susan = self.find('john'), self.find('susan')
                db.session.execute(sa.delete(User).where(User.username == name),
                                   execution_options={'synchronize_session': False})
                with self.assertRaises(kind):
                    messages.send(john, susan, 'Hello')
                db.session.rollback()

    def test_nobody_means_nobody(self):
        self.act(messages.send, 'john', 'susan', 'Hello')
        self.accepts('susan', NOBODY)
        for name in ('john', 'mary'):
            self.assertIn('does not take messages', self.refusal(Refused, messages.send, name, 'susan', 'Again'))
        self.accepts('susan', EVERYONE)
        self.act(messages.send, 'mary', 'susan', 'At last')
        self.assertEqual((OPEN, 2), (self.state('susan', 'mary'), self.unread('susan')))

    def test_one_notification_stands_for_all_messages_until_they_are_read(self):
        for text in ('one', 'two'):
            self.act(messages.send, 'john', 'susan', text)
        self.assertEqual((1, 2), (self.told('susan'), self.unread('susan')))
        self.look('susan', 'john')
        self.assertEqual((0, 0), (self.told('susan'), self.unread('susan')))
        self.act(messages.send, 'john', 'susan', 'three')
        self.assertEqual((1, 1), (self.told('susan'), self.unread('susan')))

    def test_an_answer_comes_from_an_earlier_partner(self):
        self.act(messages.send, 'john', 'susan', 'Hello')
        self.act(messages.send, 'susan', 'mary', 'Good morning')
        self.act(messages.send, 'susan', 'john', 'Hello yourself')
        self.assertEqual((OPEN, OPEN), (self.state('susan', 'mary'), self.state('john', 'susan')))
        self.act(messages.send, 'mary', 'susan', 'Good day')
        self.assertEqual(2, self.unread('susan'))


class Requests(ActsCase):
    def setUp(self):
        super().setUp()
        self.act(messages.send, 'mary', 'susan', 'Buy this')

    def test_count_and_are_told_once_however_much_is_written(self):
        self.act(messages.send, 'mary', 'susan', 'Buy that')
        self.assertEqual((REQUEST, 1, 1), (self.state('susan', 'mary'), self.unread('susan'), self.told('susan')))
        self.look('susan', 'mary')
        self.act(messages.send, 'mary', 'susan', 'Buy all')
        self.assertEqual((0, 0), (self.unread('susan'), self.told('susan')))
        self.assertEqual(['Buy this', 'Buy that', 'Buy all'], self.has('susan'))

    def test_once_accepted_are_conversations_in_which_all_counts(self):
        self.act(messages.send, 'mary', 'susan', 'Buy that')
        for _time in range(2):
            self.act(conversations.accept, 'susan', 'mary')
        self.assertEqual((OPEN, 2), (self.state('susan', 'mary'), self.unread('susan')))
        self.act(messages.send, 'mary', 'susan', 'Thanks')
        self.assertEqual(3, self.unread('susan'))

    def test_are_accepted_by_an_answer_and_by_following(self):
        self.act(messages.send, 'susan', 'mary', 'What is it?')
        self.assertEqual((OPEN, 1), (self.state('susan', 'mary'), self.unread('susan')))
        self.act(messages.send, 'mary', 'john', 'Hello')
        self.follows('john', 'mary')
        self.act(messages.send, 'mary', 'john', 'Hello again')
        self.assertEqual((OPEN, 2), (self.state('john', 'mary'), self.unread('john')))

    def test_once_declined_nothing_arrives_and_the_sender_sees_no_difference(self):
        before = self.seen_by_mary()
        for _time in range(2):
            self.act(conversations.decline, 'susan', 'mary')
        self.assertEqual((0, 0, []), (self.unread('susan'), self.told('susan'), self.has('susan')))
        self.assertEqual(before, self.seen_by_mary())
        self.act(messages.send, 'mary', 'susan', 'Hello?', 'key')
        self.act(messages.send, 'mary', 'susan', 'Hello?', 'key')
        self.assertEqual((DECLINED, 0, 0, []), (self.state('susan', 'mary'), self.unread('susan'), self.told('susan'),
                                                self.has('susan')))
        self.assertEqual(['Buy this', 'Hello?'], self.has('mary'))

    def seen_by_mary(self) -> str:
        answer = self.mary.get('/send_message/susan')
        self.assertIn('Buy this', answer.text)
        return re.sub(r'(value|data-since)="[^"]*"', '', answer.text)

    def test_once_declined_come_back_when_one_writes_or_follows(self):
        self.act(conversations.decline, 'susan', 'mary')
        self.act(messages.send, 'susan', 'mary', 'On second thoughts')
        self.act(messages.send, 'mary', 'susan', 'Yes?')
        self.assertEqual((OPEN, 1), (self.state('susan', 'mary'), self.unread('susan')))
        self.assertEqual(['On second thoughts', 'Yes?'], self.has('susan'))

    def test_stay_declined_though_both_have_deleted_everything(self):
        self.act(conversations.decline, 'susan', 'mary')
        self.act(conversations.delete, 'mary', 'susan')
        self.act(messages.send, 'mary', 'susan', 'Me again')
        self.assertEqual((DECLINED, []), (self.state('susan', 'mary'), self.has('susan')))

    def test_are_declined_by_deleting_them(self):
        self.act(conversations.delete, 'susan', 'mary')
        self.assertEqual((DECLINED, 0), (self.state('susan', 'mary'), self.unread('susan')))

    def test_can_be_answered_only_by_who_has_one(self):
        self.act(messages.send, 'john', 'susan', 'Hello')
        self.refusal(NotFound, conversations.decline, 'susan', 'john')
        for actor, other in (('mary', 'john'), ('john', 'mary'), ('susan', 'susan')):
            for verb in (conversations.accept, conversations.decline, conversations.delete):
                self.refusal(NotFound, verb, actor, other)


class Delete(ActsCase):
    def setUp(self):
        super().setUp()
        self.ids = self.wrote_to('john', 'susan', 'one', 'two', 'three')

    def delete(self, username: str, id: int) -> None:
        with self.app.app_context():
            message, other = reading.one(self.find(username), id)
            conversations.delete_message(self.find(username), message, other)
            db.session.commit()

    def test_a_message_goes_for_oneself_and_with_both_for_good(self):
        self.delete('susan', self.ids[2])
        self.assertEqual((['one', 'two'], ['one', 'two', 'three'], 2),
                         (self.has('susan'), self.has('john'), self.unread('susan')))
        self.assertEqual(self.ids[1], self.value(sa.select(Conversation.newest_id).where(Conversation.unread == 2)))
        self.delete('john', self.ids[2])
        self.assertEqual(2, self.rows(Message))
        for name in ('susan', 'john', 'mary'):
            with self.assertRaises(NotFound):
                self.delete(name, self.ids[2])

    def test_a_conversation_goes_for_oneself_and_its_partner_may_go_on(self):
        self.act(conversations.delete, 'susan', 'john')
        self.assertEqual(([], 0, 0, 3), (self.has('susan'), self.unread('susan'), self.told('susan'),
                                         self.rows(Message)))
        self.refusal(NotFound, conversations.delete, 'susan', 'john')
        with self.app.app_context():
            self.find('susan').unfollow(self.find('john'))
            db.session.commit()
        self.act(messages.send, 'john', 'susan', 'four')
        self.assertEqual((OPEN, ['four'], 1), (self.state('susan', 'john'), self.has('susan'), self.unread('susan')))

    def test_what_both_have_deleted_leaves_no_trace(self):
        self.act(conversations.delete, 'susan', 'john')
        self.act(conversations.delete, 'john', 'susan')
        self.assertEqual((0, 0, 0), tuple(self.rows(model) for model in (Message, KeptMessage, Conversation)))

    def test_message_by_message_leaves_no_trace_either(self):
        for id in self.ids:
            self.delete('susan', id)
            self.delete('john', id)
        self.assertEqual((0, 0, 0), tuple(self.rows(model) for model in (Message, KeptMessage, Conversation)))


class Leaving(ActsCase):
    def test_takes_the_conversations_of_an_account_along_and_what_counted_of_them(self):
        self.wrote_to('john', 'susan', 'one', 'two')
        self.wrote_to('susan', 'john', 'three')
        self.wrote_to('mary', 'susan', 'four')
        with self.app.app_context():
            accounts.delete(self.find('john'))
            db.session.commit()
        self.assertEqual((['four'], 1), (self.has('susan'), self.unread('susan')))
        self.assertEqual((1, 2), (self.rows(Message), self.rows(Conversation)))


class Choice(ActsCase):
    def test_is_one_row_and_of_people_one_follows_at_first(self):
        with self.app.app_context():
            self.assertEqual(FOLLOWING, reading.accepts(self.find('susan')))
        for accepts in (NOBODY, EVERYONE, EVERYONE):
            self.accepts('susan', accepts)
        with self.app.app_context():
            self.assertEqual(EVERYONE, reading.accepts(self.find('susan')))
        self.assertEqual(1, self.rows(MessageSetting))
