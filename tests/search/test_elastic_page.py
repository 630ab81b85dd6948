"""The search page and the commands of a site with Elasticsearch."""
from unittest import mock

from app import db
from app.models import HiddenFromSearch, Post
from app.search.elastic import asking, documents, filling, server
from tests.parts import once_only
from tests.proxy import FaultProxy
from tests.search.elastic_case import ElasticCase
from tests.world import people_on, posts_on

ASK_SECONDS = server.ASK_SECONDS


class Page(ElasticCase):
    def page(self, **query) -> str:
        """The page of results."""
        answer = self.visitor.get('/search', query_string=query)
        self.assertEqual(200, answer.status_code)
        return answer.text

    def found_on_page(self, **query) -> list[int]:
        return posts_on(self.page(**query))

    def test_shows_what_was_found_the_newest_first(self):
        small, great, _sorrow = self.wrote('susan', 'small joy', 'great joy', 'sorrow')
        self.catch_up()
        self.assertEqual([great, small], self.found_on_page(q='joy'))
        self.assertIn('2 posts', self.page(q='joy'))

    def test_never_shows_what_is_deleted_or_hidden_though_the_index_has_it(self):
        shown = self.wrote('susan', 'joy of susan')
        self.wrote('mary', 'joy of mary')
        gone, = self.wrote('john', 'joy of john')
        self.catch_up()
        self.delete(gone)
        with self.app.app_context():
            db.session.add(HiddenFromSearch(user_id=self.find('mary').id))
            db.session.commit()
        self.assertEqual(3, len(self.found('joy')))
        self.assertEqual(shown, self.found_on_page(q='joy'))
        self.assertEqual(shown, self.found_on_page(q='joy', show='best'))

    def test_says_that_the_index_is_not_full_yet(self):
        ids = self.wrote('susan', *(f'joy {n}' for n in range(5)))
        self.remove_indexes()
        with mock.patch.multiple(filling, LONGEST_STEP=-1, AT_ONCE=2):
            self.look_after()
        self.refresh()
        page = self.page(q='joy')
        self.assertEqual(ids[:2:-1], posts_on(page))
        self.assertIn('still being added', page)
        self.look_after()
        self.assertNotIn('still being added', self.page(q='joy'))

    def test_no_cursor_and_no_words_are_too_odd_for_the_server(self):
        id, = self.wrote('susan', 'joy ' * 100)
        self.catch_up()
        for typed in ('"joy ' + 'joy ' * 90 + 'j', 'j' * 1000, 'joy ' + '-x ' * 30, ' '.join(map(chr, range(97, 123))),
                      'joy since:0001-01-01', 'joy until:9999-12-31', 'joy\U0001f600', '\u200f\u202ejoy'):
            for cursor in ({}, {'after': 2**63 - 1}, {'before': 1}, {'after': 0}):
                with self.subTest(typed[:20], **cursor), self.assertNoLogs(self.app.logger, 'WARNING'):
                    self.assertNotIn('at the moment', self.page(q=typed, **cursor))
        self.assertEqual([id], self.found_on_page(q='joy'))

    def test_the_tutorials_search_and_reindex_work(self):
        self.wrote('susan', 'small joy', 'great joy')
        with self.app.app_context():
            Post.reindex()
            self.refresh()
            found, total = Post.search('joy', 1, 1)
            self.assertEqual((['great joy'], 2), ([post.body for post in found], total))


class Commands(ElasticCase):
    def run_command(self, name: str) -> tuple[int, str]:
        """Exit code and output."""
        done = self.app.test_cli_runner().invoke(args=['search', name])
        self.assertFalse(done.exception and not isinstance(done.exception, SystemExit), done.exception)
        return done.exit_code, done.output

    def setUp(self):
        super().setUp()
        self.ids = self.wrote('susan', *(f'joy {n}' for n in range(5)))

    def test_rebuild_fills_the_index(self):
        code, said = self.run_command('rebuild')
        self.refresh()
        self.assertEqual((0, self.ids[::-1]), (code, self.found('joy')))
        self.assertIn('5 posts are in the index.', said)

    def test_check_names_what_differs_and_lets_it_be_set_right(self):
        self.catch_up()
        self.assertEqual((0, 'All 5 posts are as they should be.\n'), self.run_command('check'))
        with self.app.app_context():
            documents.write(self.client, [f'{self.prefix}.posts'], {7: 'joy'}, self.ids[:1])
        code, said = self.run_command('check')
        self.assertEqual(1, code)
        self.assertIn(f'{self.ids[0]}: missing', said)
        self.assertIn('7: should not be there', said)
        self.catch_up()
        self.assertEqual(0, self.run_command('check')[0])

    def test_status_says_how_it_is(self):
        self.catch_up()
        code, said = self.run_command('status')
        self.assertEqual(0, code)
        self.assertRegex(said, r'engine: +Elasticsearch [89]\.')
        self.assertRegex(said, r'state: +ok\n')
        self.assertRegex(said, r'in the index: +5\n')

    def test_without_a_server_each_says_so(self):
        with self.quietly():
            for name in ('rebuild', 'check', 'status'):
                self.calm_down()
                with mock.patch.dict(self.app.config, ELASTICSEARCH_URL='http://user:secret1@127.0.0.1:1'):
                    code, said = self.run_command(name)
                self.assertEqual(1, code)
                self.assertRegex(said, 'Error: search is down: [^\n]+\n')
                self.assertNotIn('secret1', said)


@once_only
class Down(ElasticCase):
    """Search is down, and the page says so in one sentence."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.proxy = FaultProxy(int(cls.server_url().rpartition(':')[2]))
        cls.addClassCleanup(cls.proxy.stop)
        cls.asked = f'http://127.0.0.1:{cls.proxy.port}'
        super().setUpClass()

    def test_people_are_found_all_the_same(self):
        self.person('joyce')
        for mode in ('refuse', 'reset', 'hang', 'garbage'):
            with self.subTest(mode), self.quietly(), mock.patch.object(server, 'ASK_SECONDS', ASK_SECONDS):
                self.proxy.mode = mode
                for show in ('', 'best', ''):
                    with mock.patch.object(asking, 'ids', wraps=asking.ids) as asked:
                        answer = self.visitor.get('/search', query_string={'q': 'joy', 'show': show})
                    self.assertLessEqual(asked.call_count, 1)  # so nobody waits twice
                    self.assertEqual(200, answer.status_code)
                    self.assertIn('cannot be searched at the moment', answer.text)
                    self.assertEqual(['joyce'], people_on(answer.text))
                self.proxy.mode = 'pass'
                self.calm_down()
