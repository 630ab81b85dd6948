"""No page of messages reads more than itself, however long the conversation and the list, deep as at the top."""
import sqlalchemy as sa

from app import db
from app.models import Conversation, KeptMessage, Message, User
from app.queries import messages
from tests.queries.base import QueryTestCase, add_person
from tests.queries.test_plans import _rows_of_mariadb, _rows_of_postgresql, _steps

COUNT, LONG, PARTNERS, OTHERS = 5, 8000, 3000, 5000
MOST = 4 * (COUNT + 1)  # rows that a step of a plan may handle
ANALYZE = {'sqlite': ['ANALYZE'], 'postgresql': ['ANALYZE message, kept_message, conversation, "user", followers'],
           'mysql': ['ANALYZE TABLE message, kept_message, conversation, user, followers']}
HANDLED = {'sqlite': _steps, 'postgresql': _rows_of_postgresql, 'mysql': _rows_of_mariadb}


class Plans(QueryTestCase):
    """Susan has a long conversation with John, of which every third message is deleted, and very many partners."""

    def setUp(self):
        super().setUp()
        db.drop_all()  # with the statistics of earlier tests
        db.create_all()
        self.susan, self.john = add_person('susan'), add_person('john')
        first = self.john.id + 1
        db.session.execute(sa.insert(User.__table__), [
            {'id': first + i, 'username': f'u{i}', 'username_key': f'u{i}', 'email': f'u{i}@x', 'email_key': f'u{i}@x'}
            for i in range(OTHERS)])
        pairs = [(self.john.id, self.susan.id)] * LONG + [(first + i, self.susan.id) for i in range(PARTNERS)]
        pairs += [(first + i, self.john.id) for i in range(OTHERS)]
        self.fill(pairs)
        db.session.commit()

    def fill(self, pairs: list[tuple[int, int]]) -> None:
        """Messages with these senders and recipients, the ids beginning at 1, and what both have of them."""
        now = sa.func.now()
        db.session.execute(sa.insert(Message.__table__).values(timestamp=now), [
            {'id': id, 'sender_id': sender, 'recipient_id': recipient, 'body': 'words', 'language': ''}
            for id, (sender, recipient) in enumerate(pairs, 1)])
        kept, newest = [], {}
        for id, pair in enumerate(pairs, 1):
            for owner, other in (pair, pair[::-1]):
                if id > LONG or id % 3:
                    kept.append({'owner_id': owner, 'other_id': other, 'message_id': id})
                    newest[owner, other] = id
        db.session.execute(sa.insert(KeptMessage.__table__), kept)
        db.session.execute(sa.insert(Conversation.__table__), [
            {'owner_id': owner, 'other_id': other, 'newest_id': id, 'read_id': 0, 'unread': 0,
             'state': Conversation.REQUEST if owner == self.susan.id and id % 5 == 0 else Conversation.OPEN}
            for (owner, other), id in newest.items()])

    def statements_of_all_pages(self) -> list[tuple]:
        """(SQL, parameters) of each page, at the top and deep, in both directions."""
        seen: list[tuple] = []

        def note(conn, cursor, statement, parameters, context, executemany):
            if statement.startswith('SELECT'):
                seen.append((statement, parameters))
        sa.event.listen(db.engine, 'before_cursor_execute', note)
        for before, after in ((None, None), (LONG // 2, None), (None, LONG // 2), (30, None), (None, 30)):
            page = messages.talk(self.susan, self.john, before, after, COUNT)
            self.assertEqual(COUNT, len(page.messages))
        deep = LONG + PARTNERS // 2
        for before, after in ((None, None), (deep, None), (None, deep), (LONG + 30, None)):
            for state in (Conversation.OPEN, Conversation.REQUEST):
                self.assertTrue(messages.conversations(self.susan, state, before, after, COUNT).lines)
        messages.standing(self.susan, self.john)
        messages.person(self.susan, 'u7')
        messages.accepts(self.john)
        messages.one(self.susan, 4)
        sa.event.remove(db.engine, 'before_cursor_execute', note)
        return seen

    def test_of_every_page_are_bounded_before_and_after_analyze(self):
        statements = self.statements_of_all_pages()
        self.assertGreater(len(statements), 15)
        self.check(statements)
        for statement in ANALYZE[db.engine.dialect.name]:
            db.session.execute(sa.text(statement))
        db.session.commit()
        self.check(statements)

    def check(self, statements: list[tuple]) -> None:
        for statement, parameters in statements:
            number, where = HANDLED[db.engine.dialect.name](db.session.connection(), statement, parameters)
            self.assertLessEqual(number, MOST, f'{where}\n{statement}')
