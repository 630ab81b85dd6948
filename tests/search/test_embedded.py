"""The engine in the database beyond its windows, and what its statements read."""
from datetime import UTC
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import MAX_ID, Post, mariadb_word, post_search
from app.queries.pages import OLDER
from app.search import SearchDown, TooSlow, embedded
from app.search.embedded import fts5, fulltext, sample, tsvector
from app.search.query import Query, Term, by_author, parse
from tests.base import make_post, make_user
from tests.queries.base import QueryTestCase, add_person, add_posts
from tests.search.table import CASES, Table
from tests.world import KIND, only_on

SHORT_PREFIXES = {'w', 'a', '1', 'wal', 'foo:b'} if KIND == 'mysql' else set()
POSTS = 6000


class Beyond(Table, QueryTestCase):
    """The table once more, when hardly anything is in the window and every word counts as frequent or as rare."""

    cases = {text: CASES[text] for text in CASES if text not in SHORT_PREFIXES}

    def setUp(self):
        super().setUp()
        self.write_table()
        for module, name in ((fulltext, 'NEAR'), (fulltext, 'WINDOW'), (tsvector, 'WINDOW')):
            self.enterContext(mock.patch.object(module, name, 1))

    def test_counts_what_it_finds(self):
        """PostgreSQL does not count phrases out of the window."""
        for text in ('moss', 'nothing', '"north wall"'):
            number = len(self.found(text).split())
            counted = embedded.countable(self.query(text))
            self.assertIn(counted and len(counted), (number, None if '"' in text else number or []), text)


class BeyondAndFrequent(Beyond):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(sample, 'MANY', 1))


class Statements(QueryTestCase):
    """A site on which half of the posts say "even", half "odd", some "both", and few "zebra"."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.app.app_context():
            db.drop_all()  # with the statistics of earlier tests
            db.create_all()

    def setUp(self):
        super().setUp()
        author = add_person('susan')
        ids = [number + 1 << 30 for number in range(POSTS)]
        add_posts([(id, author.id) for id in ids])
        words = [{'post_id': id, 'words': ['even' if number % 2 else 'odd', f'n{number}', 'evenly' if number % 100 == 1
                                           else 'x', *(['zebra'] if number in (7, 70, 700) else [])]}
                 for number, id in enumerate(ids)]
        db.session.execute(sa.insert(post_search), words)
        db.session.commit()
        for module, name in ((fulltext, 'NEAR'), (fulltext, 'WINDOW'), (tsvector, 'WINDOW')):
            self.enterContext(mock.patch.object(module, name, 500))

    def ask(self, text: str, limit: int = 26) -> list[int]:
        """Which posts, by their numbers, the newest first."""
        return [(id >> 30) - 1 for id in embedded.find(parse(text, UTC), OLDER, MAX_ID, limit).ids]

    def test_find_the_newest_whatever_is_frequent(self):
        self.assertEqual(list(range(POSTS - 1, POSTS - 53, -2)), self.ask('even.'))
        self.assertEqual(list(range(POSTS - 1, POSTS - 53, -2)), self.ask('eve'))
        self.assertEqual([5901, 5801, 5701], self.ask('evenly.', 3))
        self.assertEqual([700, 70, 7], self.ask('zebra.'))
        self.assertEqual([7], self.ask('zebra even'))
        self.assertEqual([700, 70], self.ask('zebra odd.'))
        self.assertEqual([700, 70], self.ask('zebra od'))
        self.assertEqual([], self.ask('even odd.'))
        self.assertEqual([], self.ask('zebra -x'))

    def test_counts_stop_where_it_is_enough(self):
        rare = embedded.countable(parse('zebra.', UTC))
        self.assertEqual(None if KIND == 'mysql' else 3, rare and len(rare))
        self.assertEqual(1001, len(embedded.countable(parse('even.', UTC))))

    @only_on('sqlite')
    def test_of_sqlite_read_no_more_than_they_need(self):
        for text, most in (('even.', 30), ('eve', 30), ('e', 30), ('zebra.', 30), ('zebra even', 600), ('even', 900)):
            self.assertLess(self.steps(text), most, text)

    def steps(self, text: str) -> int:
        """Hundreds of steps of SQLite's virtual machine, which FTS5 itself is not part of."""
        ticks: list[int] = []
        raw = db.session.connection().connection.dbapi_connection
        raw.set_progress_handler(lambda: ticks.append(1), 100)
        self.ask(text)
        raw.set_progress_handler(None, 0)
        return len(ticks)

    @only_on('postgresql', 'mysql')
    def test_of_servers_ask_the_index_for_what_is_rare(self):
        self.analyze()
        for text in ('zebra.', 'zebra even', 'zebra e', 'n4321.'):
            plan = self.plan_of_last(text)
            self.assertIn('ix_post_search_words', plan, text)
            self.assertNotIn('even' if 'even' in text else ' e', self.matched, text)

    @only_on('postgresql')
    def test_of_postgresql_walk_to_the_window_without_statistics_too(self):
        for number in (0, -1):
            self.assertNotIn('Sort', self.plan_of('"odd n4321"', number, embedded.countable))

    def test_without_a_word_walk_by_an_index_without_statistics_too(self):
        by_susan = by_author(db.session.scalar(sa.select(Post.user_id).limit(1)))
        for query in (Query(excluded=(Term(('even',)),)), Query(since=1, until=MAX_ID - 1), Query((by_susan,)),
                      Query((by_susan,), (Term(('even',)),))):
            with mock.patch('tests.search.test_embedded.parse', return_value=query):
                plan = self.plan_of('', 0, lambda query: embedded.find(query, OLDER, MAX_ID, 26))
            self.assertNotRegex(plan, '(?i)sort|temp b-tree', query)
            if query.author:
                self.assertIn('ix_post_user_id_', plan)  # either is a walk over one author's posts

    def analyze(self) -> None:
        table = {'postgresql': 'ANALYZE post_search', 'mysql': 'ANALYZE TABLE post_search'}[KIND]
        db.session.execute(sa.text(table)).close()
        db.session.commit()
        if KIND == 'postgresql':  # so few rows it would rather read all
            db.session.execute(sa.text('SET LOCAL enable_seqscan = off'))

    def plan_of_last(self, text: str) -> str:
        """How the last statement of a question is run."""
        return self.plan_of(text, -1, lambda _query: self.ask(text))

    def plan_of(self, text: str, number: int, act) -> str:
        """How one statement of an act is run."""
        seen: list[tuple] = []

        def note(conn, cursor, statement, parameters, context, executemany):
            seen.append((statement, parameters))
        sa.event.listen(db.engine, 'before_cursor_execute', note)
        act(parse(text, UTC))
        sa.event.remove(db.engine, 'before_cursor_execute', note)
        statement, parameters = seen[number]
        statement = statement[statement.index('SELECT'):]
        if isinstance(parameters, dict):
            self.matched = str(parameters.get('indexed', parameters.get('match')))
        explain = 'EXPLAIN QUERY PLAN' if KIND == 'sqlite' else 'EXPLAIN'
        rows = db.session.connection().exec_driver_sql(f'{explain} {statement}', parameters).all()
        return str(rows)

    @only_on('mysql')
    def test_of_mariadb_end_with_a_sentence_when_they_take_too_long(self):
        slow = fulltext._INDEX.replace('{conditions}', 'SLEEP(0.01) = 0 AND {conditions}')
        with mock.patch.multiple(fulltext, SECONDS=0.2, _INDEX=slow), self.assertRaises(TooSlow):
            self.ask('even', POSTS)  # half of them, half a minute
        self.assertEqual([700, 70, 7], self.ask('zebra.'))

    @only_on('sqlite')
    def test_of_sqlite_quote_whatever_they_get(self):
        query = parse('c++ AND "a b" -or NEAR wa', UTC)
        self.assertEqual('("c" AND "and" AND "a b" AND "near" AND "wa" *) NOT "or"', fts5.expression(query))


@only_on('sqlite')
class WithoutFTS5(QueryTestCase):
    """An SQLite that was built without it."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.renew)
        with mock.patch('app.models.search.has_fts5', return_value=False):
            self.renew()

    def renew(self) -> None:
        db.session.rollback()
        db.drop_all()
        db.create_all()

    def test_posts_are_written_and_search_says_that_it_is_down(self):
        make_post(make_user('mossy'), 'moss')
        with self.assertRaises(SearchDown):
            embedded.find(parse('moss', UTC), OLDER, MAX_ID, 10)
        page = self.visitor.get('/search?q=moss')
        self.assertEqual(200, page.status_code)
        self.assertIn('Posts cannot be searched', page.text)
        self.assertIn('/user/mossy', page.text)


class Words(QueryTestCase):
    def test_of_mariadb_are_ascii_and_begin_as_their_tokens_do(self):
        for token in ('moss', 'a', '__link', 'δέντρο', '山', '\U0001f600', 'достопримечательность' * 3):
            word = mariadb_word(token)
            self.assertTrue(word.isascii() and 3 <= len(word) <= 84, word)
            self.assertTrue(mariadb_word(token).startswith(mariadb_word(token[:3])), token)
        self.assertEqual(4, len({mariadb_word(token) for token in ('山', '5c71', '屲', '\U00015c71')}))

    def test_go_with_the_post_in_one_statement(self):
        author = add_person('susan')
        db.session.commit()
        seen: list[str] = []
        sa.event.listen(db.engine, 'before_cursor_execute', lambda c, cu, statement, *rest: seen.append(statement))
        db.session.add(Post(body='moss', user_id=author.id))
        db.session.flush()
        self.assertEqual(1, sum('post_search' in statement for statement in seen))
        db.session.rollback()
        self.assertEqual(0, db.session.scalar(sa.select(sa.func.count()).select_from(post_search)))
