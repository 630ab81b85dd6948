"""Messages at one moment: the first ones of two people, one form often, deleting against writing and leaving."""
import sqlalchemy as sa

from app import db
from app.models import Conversation, KeptMessage, Message, MessageSetting, Submission, User
from app.queries import messages as reading
from app.services import accounts, conversations, counters, messages
from tests.together import TogetherCase

ROUNDS = 6


class AtOneMoment(TogetherCase):
    def setUp(self):
        super().setUp()
        self.susan, self.john = self.person('susan'), self.person('john')
        for name in ('susan', 'john'):
            with self.app.app_context():
                messages.choose(self.find(name), MessageSetting.EVERYONE)
                db.session.commit()

    def tearDown(self):
        with self.app.app_context():
            self.assertEqual([], [found for step in counters.check() for found in step])
            unkept = sa.select(sa.func.count()).where(~sa.exists().where(KeptMessage.message_id == Message.id))
            self.assertEqual(0, db.session.scalar(unkept.select_from(Message)))
        super().tearDown()

    def send(self, sender: int, recipient: int, words: str, key: str = ''):
        return self.act(lambda actor, other: messages.send(actor, other, words, key), (User, sender), (User, recipient))

    def look(self, owner, other, newest: int):
        return self.act(lambda one, two: conversations.look_at(one.id, two.id, newest), owner, other)

    def unread(self, id: int) -> int:
        return self.value(sa.select(User.unread_messages).where(User.id == id))

    def test_two_who_write_to_one_another_for_the_first_time_have_one_conversation(self):
        for number in range(ROUNDS):
            one, other = self.person(f'one{number}'), self.person(f'other{number}')
            self.assertEqual([], self.together(*(self.send(*pair, words) for pair in ((one, other), (other, one))
                                                 for words in ('Hello', 'Are you there?'))))
        self.assertEqual((4 * ROUNDS, 8 * ROUNDS, 2 * ROUNDS), tuple(
            self.rows(model) for model in (Message, KeptMessage, Conversation)))

    def test_eight_sends_of_one_form_are_one_message(self):
        self.assertEqual([], self.together(*[self.send(self.john, self.susan, 'once', 'key')] * 8))
        self.assertEqual((1, 1, 1), (self.rows(Message), self.rows(Submission), self.unread(self.susan)))

    def test_many_who_write_to_one_are_all_counted(self):
        people = [self.person(f'person{number}') for number in range(8)]
        self.assertEqual([], self.together(*(self.send(person, self.susan, 'Hello') for person in people)))
        self.assertEqual(8, self.unread(self.susan))

    def test_writing_looking_and_deleting_stay_exact(self):
        for _round in range(ROUNDS):
            with self.app.app_context():
                made = [messages.send(db.session.get(User, self.john), db.session.get(User, self.susan), words).id
                        for words in ('one', 'two')]
                db.session.commit()
            pair = (User, self.susan), (User, self.john)
            self.assertEqual([], self.together(
                self.send(self.john, self.susan, 'three'), self.send(self.susan, self.john, 'four'),
                self.look(*pair, made[0]),
                self.act(conversations.delete, *pair), self.act(conversations.delete, *reversed(pair)),
                self.act(self.delete(made[1]), *pair), self.act(self.delete(made[1]), *reversed(pair))))

    @staticmethod
    def delete(id: int):
        """Delete a message for oneself if one has it still."""
        def act(actor, other):
            message, _other = reading.one(actor, id)
            conversations.delete_message(actor, message, other)
        return act

    def test_requests_answered_while_more_is_written_stay_exact(self):
        for number in range(ROUNDS):
            mary, eve = self.person(f'mary{number}'), self.person(f'eve{number}')
            with self.app.app_context():
                messages.send(db.session.get(User, mary), db.session.get(User, eve), 'Hello')
                db.session.commit()
            pair = (User, eve), (User, mary)
            self.assertEqual([], self.together(
                self.send(mary, eve, 'Hello?'), self.send(mary, eve, 'Anybody?'),
                self.act(conversations.accept, *pair), self.act(conversations.decline, *pair),
                self.look(*pair, 2**40)))

    def test_leaving_while_others_write_and_read_leaves_nothing(self):
        for number in range(ROUNDS):
            leaver = self.person(f'leaver{number}')
            self.assertEqual([], self.together(
                self.send(leaver, self.susan, 'Hello'), self.send(leaver, self.john, 'Hi'),
                self.send(self.john, leaver, 'Hi')))
            self.assertEqual([], self.together(
                self.act(accounts.delete, (User, leaver)), self.send(leaver, self.susan, 'Bye'),
                self.send(self.susan, leaver, 'Bye'), self.send(self.john, leaver, 'Farewell'),
                self.send(self.john, self.susan, 'Who was that?'),
                self.look((User, self.susan), (User, leaver), 2**40),
                self.act(conversations.delete, (User, self.john), (User, leaver))))
            self.assertIsNone(self.value(sa.select(User.id).where(User.id == leaver)))
        self.assertEqual(2, self.rows(Conversation))
