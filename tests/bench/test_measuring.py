"""A small data set on the database of this pass: loaded, paged, served, measured."""
import io
import json
import shutil
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from app.models import Post, User, followers
from bench import clients, loading, measuring, servers
from bench.backends import Backends
from bench.cursors import LISTS, Cursors, cursor_of
from bench.inside import figures
from bench.plan import Plan
from bench.profiles import by_package
from bench.servers import Server
from bench.statements import medians
from bench.stores import Store, store
from bench.tables import Table
from bench.visits import PAGES, SEARCHES, Visit, visits
from tests.world import KIND, URL, folded_on, posts_on

PLAN = Plan(700)
DATABASE = 'sqlite' if KIND == 'sqlite' else make_url(URL).set(database=None).render_as_string(hide_password=False)


def setUpModule():
    MeasuringCase.folder = Path(tempfile.mkdtemp(prefix='microblog-bench-'))
    unittest.addModuleCleanup(shutil.rmtree, MeasuringCase.folder)
    MeasuringCase.store = store(PLAN, DATABASE, MeasuringCase.folder)
    unittest.addModuleCleanup(MeasuringCase.store.drop)
    with redirect_stderr(io.StringIO()):
        loading.prepare(MeasuringCase.store)
    servers.log_in(MeasuringCase.store)


class MeasuringCase(unittest.TestCase):
    """A test on the one data set, which no test leaves changed."""

    folder: Path
    store: Store

    def rows(self, statement) -> list:
        with self.store.engine().connect() as connection:
            return connection.execute(statement).all()

    def counters(self) -> list:
        return self.rows(sa.select(User.id, *loading.counts()).order_by(User.id))


class DataSet(MeasuringCase):
    def test_has_what_was_planned(self):
        self.assertEqual([(PLAN.posts,)], self.rows(sa.select(sa.func.count()).select_from(Post)))
        self.assertEqual([(PLAN.people,)], self.rows(sa.select(sa.func.count()).select_from(User)))
        self.assertTrue(self.store.exists() and loading.is_whole(self.store))

    def test_has_right_counters(self):
        posts = self.rows(sa.select(Post.user_id).where(Post.visibility <= 1, Post.repost_of_id.is_(None)))
        follows = self.rows(sa.select(followers))
        for id, written, popular, following in self.counters():
            self.assertEqual(len([1 for row in posts if row.user_id == id]), written)
            self.assertEqual(len([1 for row in follows if row.followed_id == id]), popular)
            self.assertEqual(len([1 for row in follows if row.follower_id == id]), following)

    def test_is_kept_for_the_next_run(self):
        said = io.StringIO()
        with redirect_stderr(said):
            loading.prepare(self.store)
        self.assertNotIn('making', said.getvalue())

    def test_is_made_again_when_it_was_left_half_done(self):
        with self.store.engine().begin() as connection:
            connection.execute(sa.update(User).values(posts_count=0))
        said = io.StringIO()
        with redirect_stderr(said):
            loading.prepare(self.store)
        servers.log_in(self.store)
        self.assertIn('making', said.getvalue())
        self.assertTrue(loading.is_whole(self.store))


class Paging(MeasuringCase):
    def test_cursors_lie_where_a_plain_sort_has_them(self):
        cursors = Cursors(self.store)
        for name, whose in (('home', 9), ('explore', 0), ('profile', cursors.person(User.posts_count)[0]),
                            ('followers', cursors.person(User.followers_number)[0]),
                            ('following', cursors.person(User.following_number)[0]), ('tag', 1),
                            ('likes', cursors.first()), ('thread', cursors.first())):
            rows = self.rows(LISTS[name](whose))
            self.assertEqual((2, cursor_of(rows[24])), cursors.of(name, LISTS[name](whose), 2), name)
            last = (len(rows) - 1) // 25
            expected = (last + 1, cursor_of(rows[last * 25 - 1]))
            self.assertEqual(expected, cursors.of(name, LISTS[name](whose), 1000), name)
            self.assertEqual(expected, Cursors(self.store).of(name, LISTS[name](whose), 1000), 'kept')

    def test_page_1_has_no_cursor(self):
        self.assertEqual((1, ''), Cursors(self.store).of('explore', LISTS['explore'](0), 1))

    def test_readers_who_do_not_exist_are_left_out(self):
        self.assertEqual([], visits(self.store, ['home'], ['5000-mixed', 'nobody'], [1]))


class Measuring(MeasuringCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(Server(cls.store, workers=1, threads=4))

    def test_pages_are_those_that_were_meant(self):
        explored = [str(row.id) for row in self.rows(LISTS['explore'](0))]
        for visit in visits(self.store, list(PAGES), [], [1, 3]):
            status, text, _cookie = self.server.get(visit.path, self.server.browser(visit.reader).cookie)
            self.assertEqual(visit.status, status, visit)
            if visit.page == 'explore':
                shown = explored[(visit.number - 1) * 25:visit.number * 25]
                self.assertEqual(shown, [str(id) for id in posts_on(text)])
            if visit.page in ('tag', 'hidden-profile', 'thread') and visit.number == 1:
                self.assertGreater(len(posts_on(text)), 6, visit)
            if visit.page in ('likes', 'notifications'):
                self.assertEqual(25, text.count('<li class="item'), visit)
            if visit.page in ('search-frequent', 'search-two', 'search-letter'):
                self.assertEqual(25, len(posts_on(text)), visit)
            elif visit.page in ('search-rare', 'search-never', 'search-none'):
                self.assertEqual(visit.page == 'search-rare', bool(posts_on(text)), visit)

    def test_a_measured_page_becomes_a_line(self):
        visit = next(visit for visit in visits(self.store, ['home'], ['200-mixed'], [1]))
        with redirect_stdout(io.StringIO()) as said:
            table = Table(self.folder / 'results.jsonl')
            browser = self.server.browser(visit.reader)
            table.add(measuring.visit(self.server, Backends(self.store), visit, browser, 2, 1))
        line = json.loads((self.folder / 'results.jsonl').read_text())
        text = self.server.get('/', browser.cookie)[1]
        self.assertEqual(25, len(posts_on(text)) + len(folded_on(text)))
        expected = {'database': KIND, 'size': '700', 'page': 'home', 'reader': '200-mixed', 'number': 1,
                    'posts': len(posts_on(text)), 'errors': 0}
        self.assertEqual(expected, {name: line[name] for name in expected})
        self.assertGreater(line['rate'], 0)
        self.assertGreater(line['pss'], 0)
        self.assertEqual(KIND == 'sqlite', line['database_cpu'] is None)
        self.assertIn('200-mixed', said.getvalue().splitlines()[1])

    def test_a_page_that_is_none_is_not_measured(self):
        visit = Visit('explore', None, 1, '/no-such-page')
        with self.assertRaisesRegex(RuntimeError, '404'):
            measuring.visit(self.server, Backends(self.store), visit, clients.Browser(), 1, 1)

    def test_a_loop_of_our_own_asks_and_counts_faults(self):
        address = f'{self.server.address}/explore'
        load = clients.loop(address, 2, 1, lambda: ('GET', None, {}))
        self.assertGreater(load.requests, 1)
        self.assertEqual(0, load.errors)
        self.assertLessEqual(load.p50, load.p99)
        refused = clients.loop(f'{self.server.address}/no-such-page', 1, 0.2, lambda: ('GET', None, {}))
        self.assertEqual(refused.requests, refused.errors)

    def test_writing_writes_and_leaves_nothing(self):
        before, count = self.counters(), sa.select(sa.func.count()).select_from(Post)
        written = measuring.writing(self.server, Backends(self.store), PLAN.readers[-3:], 2, 1, 'write', 'Words.')
        self.assertEqual(0, written.errors)
        self.assertGreaterEqual(self.rows(count)[0][0], PLAN.posts + written.rate)
        loading.forget_new_posts(self.store)
        self.assertEqual(PLAN.posts, self.rows(count)[0][0])
        self.assertEqual(before, self.counters())


class Ceilings(MeasuringCase):
    def test_are_served_in_the_same_manner(self):
        with Server(self.store, 'bench.ceilings:app', workers=1, threads=4) as server:
            self.assertEqual('ok', server.get('/plain')[1])
            for path in ('/memory', '/url_for'):
                status, text, _cookie = server.get(path, servers.cookie_of('1'))
                self.assertEqual((200, 25), (status, len(posts_on(text))))
                self.assertIn('Log out', text)
                self.assertNotIn('Log out', server.get(path)[1])
            result = measuring.ceiling(server, Backends(self.store), '/url_for', '', 1, 1)
            self.assertEqual(('ceiling /url_for', 25, 0), (result.page, result.posts, result.errors))

    def test_the_product_without_its_protections_shows_the_same_posts(self):
        with Server(self.store, 'bench.unprotected:app', workers=1, threads=4) as server:
            reader = PLAN.reader('200-mixed')
            status, text, _cookie = server.get('/', servers.cookie_of(str(reader.id)))
            expected = [row.id for row in self.rows(LISTS['home'](reader.id))][:25]
            shown = [*posts_on(text), *folded_on(text)]
            self.assertEqual((200, expected), (status, sorted(shown, reverse=True)))


class Inside(MeasuringCase):
    def test_the_application_alone_is_compared_with_the_ceiling_alone(self):
        wanted = visits(self.store, ['home', 'explore'], ['10-mixed', 'nobody'], [1])
        found = list(figures(self.store, wanted))
        self.assertEqual([('home', '10-mixed'), ('explore', '10-mixed'), ('explore', 'nobody')],
                         [(visit.page, visit.reader_name) for visit, *_ in found])
        self.assertTrue(all(milliseconds > 0 and ceiling > 0 for _visit, milliseconds, ceiling in found))

    def test_the_profile_names_the_packages(self):
        shares = by_package(self.store, PLAN.reader('10-mixed'))
        self.assertLessEqual({'sqlalchemy', 'jinja2', 'flask', 'our app/', 'our templates'}, set(shares))


class Statements(MeasuringCase):
    def test_of_a_home_are_few_and_timed_alone(self):
        found = medians(self.store, visits(self.store, ['home'], ['200-mixed', '0-quiet'], [1, 2]))
        self.assertEqual(['200-mixed', '200-mixed', '0-quiet'], [visit.reader_name for visit, *_ in found])
        for _visit, number, median, fastest in found:
            self.assertIn(number, (1, 2, 3, 4, 5))
            self.assertGreaterEqual(median, fastest)
            self.assertGreater(fastest, 0)

    def test_of_a_search_are_timed_too(self):
        found = medians(self.store, visits(self.store, list(SEARCHES), [], [1]))
        self.assertEqual(list(SEARCHES), [visit.page for visit, *_ in found])
