"""No list reads more than its window, the reader's follows and (n+1) squared ids, whatever the statistics."""
import json
import random
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Block, FollowRequest, Mute, User, UserSession, followers, utcnow
from app.models.ids import EPOCH
from app.queries import crowds, news, people, relations, timelines
from app.queries import home as homes
from tests.queries.base import QueryTestCase, add_person, add_posts

PEOPLE, POSTS, FOLLOWED, COUNT, WINDOW = 2000, 20_000, 300, 5, 256
MOST = WINDOW + FOLLOWED + (COUNT + 1) ** 2
DORMANT = PEOPLE - 1
STEPS = 60
ANALYZE = {'sqlite': ['ANALYZE'], 'postgresql': ['ANALYZE post, "user", followers'],
           'mysql': ['ANALYZE TABLE post, user, followers']}


class Plans(QueryTestCase):
    """One filled site and the statements of all its pages."""

    def setUp(self):
        super().setUp()
        db.drop_all()  # with the statistics of earlier tests
        db.create_all()
        self.dialect = db.engine.dialect.name
        self.quiet, self.busy = add_person('quiet'), add_person('busy')
        self.fill(random.Random(5))
        self.enterContext(mock.patch.object(homes, 'WINDOWS', (WINDOW, WINDOW)))
        self.enterContext(mock.patch.object(timelines, 'MANY', WINDOW))

    def fill(self, chance: random.Random) -> None:
        """People, whom two readers follow among them, and what they wrote."""
        now, first = utcnow(), self.busy.id + 1
        rows = [{'id': first + i, 'username': f'u{i}', 'username_key': f'u{i}', 'email': f'u{i}@x',
                   'email_key': f'u{i}@x', 'suspended_at': now if i % 50 == 1 else None} for i in range(PEOPLE)]
        db.session.execute(sa.insert(User.__table__), rows)
        for reader, among in ((self.busy, range(FOLLOWED)), (self.quiet, range(PEOPLE // 2, PEOPLE))):
            chosen = [{'follower_id': reader.id, 'followed_id': first + i} for i in chance.sample(among, FOLLOWED)]
            db.session.execute(sa.insert(followers), chosen)
            reader.following_number = FOLLOWED
        pairs = {(first + chance.randrange(PEOPLE), first + chance.randrange(PEOPLE)) for _i in range(5 * PEOPLE)}
        pairs |= {(first + i, first) for i in range(PEOPLE)}  # whom nearly all follow
        db.session.execute(sa.insert(followers), [{'follower_id': a, 'followed_id': b} for a, b in pairs])
        self.keep_apart(first)
        add_posts([(i + 1 << 20, first + _author_of(i, chance)) for i in range(POSTS)])
        db.session.add_all(UserSession(token_hash=UserSession.hash_of(reader.username), user_id=reader.id)
                           for reader in (self.quiet, self.busy))
        db.session.commit()
        self.authors = [db.session.get(User, first + i) for i in (0, DORMANT, PEOPLE - 2)]

    def keep_apart(self, first: int) -> None:
        """Both readers are blocked by many, have blocked and muted many, and one of them is asked by many."""
        some, others = range(first + 2, first + PEOPLE // 2), range(first + PEOPLE // 2, first + PEOPLE)
        for reader, apart in ((self.busy, others), (self.quiet, some)):
            blocks = [{'blocker_id': id, 'blocked_id': reader.id} for id in apart if id % 2]
            blocks += [{'blocker_id': reader.id, 'blocked_id': id} for id in apart if not id % 2]
            db.session.execute(sa.insert(Block), blocks)
            muted = [{'muter_id': reader.id, 'muted_id': id} for id in range(first + 2, first + PEOPLE, 9)]
            db.session.execute(sa.insert(Mute), muted)
        asked = [{'asker_id': id, 'asked_id': self.busy.id} for id in some[:POSTS // 40]]
        db.session.execute(sa.insert(FollowRequest), asked)

    def statements_of_all_pages(self) -> list[tuple]:
        """(SQL, parameters) of each list, at the top and deep, in both directions, by windows and by heads."""
        seen: list[tuple] = []

        def note(conn, cursor, statement, parameters, context, executemany):
            if statement.startswith('SELECT'):
                seen.append((statement, parameters))
        sa.event.listen(db.engine, 'before_cursor_execute', note)
        deep = POSTS // 2 << 20
        for cursors in ((None, None), (deep, None), (None, deep), (1 << 20, None)):
            for few in (0, FOLLOWED):
                with mock.patch.object(homes, 'FEW', few):
                    timelines.home(self.quiet, *cursors, COUNT)
                    timelines.home(self.busy, *cursors, COUNT)
            timelines.explore(None, *cursors, COUNT)
            timelines.explore(self.quiet, *cursors, COUNT)
            for author in self.authors:
                timelines.profile(self.quiet, author, *cursors, COUNT)
        self.list_people()
        self.ask_for_news()
        sa.event.remove(db.engine, 'before_cursor_execute', note)
        return seen

    def ask_for_news(self) -> None:
        """What the script asks: about the posts of the last half minute, on a busy site and on a quiet one."""
        for reader in (self.quiet, self.busy):
            for last in (MOST // 2, 0):
                news.state_with_posts(reader.username, POSTS - last << 20, [1, 2])

    def list_people(self) -> None:
        """The lists of people at the top, deep and from below, of the most followed and of who follows many."""
        middle = f'{(utcnow() - EPOCH) // crowds.MICROSECOND}-{self.busy.id + PEOPLE // 2}'
        for before, after in ((None, None), (middle, None), (None, middle)):
            for user in (*self.authors, self.busy):
                people.followers_of(self.quiet, user, before, after, COUNT)
                people.following_of(None, user, before, after, COUNT)
        for words in ('u', 'u1', 'u1999', 'nobody'):
            people.followed_among(self.busy, people.search(self.busy, words, COUNT))
        relations.of(self.quiet, self.busy)
        relations.number_of_requests(self.busy)
        for listed in (relations.blocked, relations.muted, relations.requests):
            listed(self.busy, None, None, COUNT)
            listed(self.busy, middle, None, COUNT)
        for reader in (self.quiet, self.busy):
            people.suggestions(reader, COUNT)
        people.by_username(None, 'u7')

    def test_of_every_list_are_bounded_before_and_after_analyze(self):
        statements = self.statements_of_all_pages()
        self.assertGreater(len(statements), 15)
        self.check(statements)
        for statement in ANALYZE[self.dialect]:
            db.session.execute(sa.text(statement))
        db.session.commit()
        self.check(statements)

    def check(self, statements: list[tuple]) -> None:
        handled = {'sqlite': _steps, 'postgresql': _rows_of_postgresql, 'mysql': _rows_of_mariadb}[self.dialect]
        for statement, parameters in statements:
            number, where = handled(db.session.connection(), statement, parameters)
            self.assertLessEqual(number, MOST, f'{where}\n{statement}')


def _author_of(number: int, chance: random.Random) -> int:
    """Half of the people wrote long ago only, one of them very much; the first of the others wrote every fifth post."""
    if number < POSTS // 10:
        return DORMANT if chance.random() < 0.5 else chance.randrange(PEOPLE)
    return 0 if chance.random() < 0.2 else chance.randrange(PEOPLE // 2)


def _steps(connection, statement: str, parameters) -> tuple[float, str]:
    """SQLite: its virtual machine's steps, at most STEPS for a row."""
    ticks: list[int] = []
    raw = connection.connection.dbapi_connection
    raw.set_progress_handler(lambda: ticks.append(1), STEPS)
    connection.exec_driver_sql(statement, parameters).all()
    raw.set_progress_handler(None, 0)
    plan = connection.exec_driver_sql(f'EXPLAIN QUERY PLAN {statement}', parameters).all()
    return len(ticks), '\n'.join(row[3] for row in plan)


def _rows_of_postgresql(connection, statement: str, parameters) -> tuple[float, str]:
    connection.exec_driver_sql('SET enable_seqscan=off')  # as app/deadlines.py has it for pages
    plan, = connection.exec_driver_sql(f'EXPLAIN (ANALYZE, FORMAT JSON) {statement}', parameters).one()
    return _worst(plan)


def _rows_of_mariadb(connection, statement: str, parameters) -> tuple[float, str]:
    plan, = connection.exec_driver_sql(f'ANALYZE FORMAT=JSON {statement}', parameters).one()
    return _worst(json.loads(plan))


def _worst(plan) -> tuple[float, str]:
    """How many rows the hardest step of a plan handled, and which it is."""
    return max((_rows(node), str({key: value for key, value in node.items() if not isinstance(value, dict | list)}))
               for node in _nodes(plan))


def _nodes(plan):
    """Every object of a plan."""
    if isinstance(plan, dict):
        yield plan
    for value in plan.values() if isinstance(plan, dict) else plan if isinstance(plan, list) else ():
        yield from _nodes(value)


def _rows(node: dict) -> float:
    """Rows that a step of a plan of PostgreSQL or MariaDB has read."""
    if 'Actual Rows' in node:
        return (node['Actual Rows'] + node.get('Rows Removed by Filter', 0)) * node['Actual Loops']
    return (node.get('r_rows') or 0) * (node.get('r_loops') or 1)
