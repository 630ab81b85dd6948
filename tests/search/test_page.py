"""The search page: what it shows, to whom, and what it says when it has nothing."""
from datetime import UTC, datetime, timedelta
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import FormerUsername, HiddenFromSearch, Post, User, post_search, utcnow
from app.search import SearchDown, TooSlow, embedded
from app.services import accounts, posts
from tests.world import LiveConfig, Outline, WorldCase, link, people_on, posts_on

HOSTILE = ['c++', '"', '"""', "'", '%', '_', '*', '\\', 'hello AND (', 'NEAR(a b, 2)', 'a:b', '^a', '{a b}',
           '-', '- -', '!a', 'a & | ! b', "'; DROP TABLE post; --", '<script>alert(1)</script>', '\U0001f600',
           '\U0001f469\u200d\U0001f680', 'שלום עולם', '\u202eabc', 'x' * 1000, 'x ' * 500, '"x ' * 300,
           '山' * 1000, 'since:9999-99-99', 'from:' + 'a' * 900, '-"' * 400, '٣٤', '\u0301', '@', '#',
           'from:me', '-from:nobody moss', '\u200b', 'ﷺ' * 50, 'a' * 100_000]


class SearchCase(WorldCase):
    class config(LiveConfig):
        POSTS_PER_PAGE = 5

    def search(self, words: str, visitor=None, **query):
        answer = (visitor or self.visitor).get('/search', query_string={'q': words, **query})
        self.assertEqual(200, answer.status_code, words)
        return answer.text

    def found(self, words: str, visitor=None, **query) -> list[int]:
        return posts_on(self.search(words, visitor, **query))


class Results(SearchCase):
    def test_newest_first_to_everybody(self):
        first, second, _third = self.wrote('susan', 'moss wall', 'more moss', 'bread')
        self.assertEqual([second, first], self.found('moss'))
        self.assertEqual([second, first], self.found('moss', self.log_in('john')))

    def test_best_first_where_that_is_asked_for(self):
        once, often, other = self.wrote('susan', 'moss ' + 'and many other words ' * 8, 'moss, moss, moss', 'mosses')
        self.assertEqual([often, other, once], self.found('moss', show='best'))

    def test_people_stand_above_the_posts_and_have_a_page_of_their_own(self):
        post, = self.wrote('mossy', 'moss')
        for number in range(6):
            self.person(f'moss{number}')
        page = self.search('moss')
        self.assertLess(page.index('/user/moss0'), page.index(f'post-{post}'))
        self.assertNotIn('/user/moss3', page)
        self.assertIn('More people', page)
        alone = self.search('moss', show='people')
        self.assertEqual(([], 5), (posts_on(alone), len(people_on(alone))))

    def test_marks_what_was_found(self):
        self.wrote('susan', 'Moss on a WALL https://example.com/moss?a=1&b=2 & <b>moss</b>\n\nMosses')
        page = self.search('moss wall')
        body = page[page.index('class="body"'):page.index('class="acts"')]
        self.assertIn('<mark>Moss</mark> on a <mark>WALL</mark>', body)
        self.assertIn('&amp; &lt;b&gt;<mark>moss</mark>&lt;/b&gt;', body)
        self.assertIn('href="https://example.com/moss?a=1&amp;b=2"', body)
        self.assertIn('example.com/<mark>moss</mark>?a=1&amp;b=2</bdi></a>', body)
        self.assertNotIn('<mark>Mosses', body)

    def test_marks_phrases_and_writing_without_spaces(self):
        self.wrote('susan', 'the north wall, not the wall', '我们去北京图书馆')
        self.assertIn('the <mark>north wall</mark>, not the wall', self.search('"north wall"'))
        self.assertIn('我们去<mark>北京</mark>图书馆', self.search('北京'))

    def test_no_text_becomes_markup(self):
        bodies = ['<script>alert(1)</script> moss', '"><img src=x onerror=alert(1)> moss', '<mark>moss</mark>',
                  "moss' onmouseover='alert(1)", 'moss \ue000<\ue001b>', '&lt;moss&gt;']
        self.wrote('susan', *bodies)
        for words in ('moss', 'script', 'alert', 'mark', 'b', '<script>alert(1)</script>', '"><img src=x>'):
            outline = Outline(self.search(words))
            self.assertEqual([], outline.faults, words)
            self.assertEqual([], [tag for tag, attributes in outline.tags
                                  if tag in ('script', 'b', 'img') and (attributes.get('src') in (None, 'x')
                                                                        and tag != 'b')], words)
            self.assertEqual([], [a for _tag, a in outline.tags if any(name.startswith('on') for name in a)], words)

    def test_says_how_many_and_how_it_was_understood(self):
        self.wrote('susan', *['moss on a wall'] * 3)
        page = self.search('moss "a wall" -cat from:susan since:2026-01-31 has:nothing on')
        self.assertIn('“moss”', page)
        for said in ('“a wall” in a row', 'without “cat”', 'by @susan', 'since January 31, 2026', '“has:nothing”',
                     'words that begin with “on”', 'newest first'):
            self.assertIn(said, page)
        self.assertIn('3 posts', self.search('moss'))
        self.wrote('susan', *['moss'] * 4)
        self.assertIn('7 posts', self.search('moss'))

    def test_an_empty_answer_gives_the_next_step(self):
        self.assertIn('Nothing found', self.search('nothing'))
        self.assertIn('since:2026-01-31', self.search(''))


class Paging(SearchCase):
    def walk(self, page: str) -> list[list[int]]:
        pages = [posts_on(page)]
        while older := link(page, 'next'):
            page = self.visitor.get(older).text
            pages.append(posts_on(page))
        return pages

    def test_every_post_once_in_either_direction(self):
        ids = self.wrote('susan', *[f'moss {number}' for number in range(17)])[::-1]
        pages = self.walk(self.search('moss'))
        self.assertEqual([ids[:5], ids[5:10], ids[10:15], ids[15:]], pages)
        oldest = self.visitor.get(f'/search?q=moss&before={ids[14]}').text
        back = self.visitor.get(link(oldest, 'prev')).text
        self.assertEqual(ids[10:15], posts_on(back))

    def test_stays_right_while_posts_come_and_go(self):
        ids = self.wrote('susan', *[f'moss {number}' for number in range(15)])[::-1]
        page, seen = self.search('moss'), []
        while page:
            seen += posts_on(page)
            self.wrote('susan', 'moss, just now', 'moss again')
            self.delete(ids[14] if len(seen) == 5 else seen[-1])
            older = link(page, 'next')
            page = older and self.visitor.get(older).text
        self.assertEqual(ids[:14], seen)

    def test_links_keep_the_query(self):
        self.wrote('susan', *['moss & wall'] * 12)
        older = link(self.search('moss & "wall"'), 'next')
        self.assertIn('q=moss+%26+%22wall%22', older)
        self.assertEqual(5, len(posts_on(self.visitor.get(older).text)))

    def test_of_the_best_is_whole_too(self):
        ids = self.wrote('susan', *[f'moss {"moss " * (number % 3)}' for number in range(13)])
        pages = self.walk(self.search('moss', show='best'))
        self.assertEqual([5, 5, 3], [len(page) for page in pages])
        self.assertEqual(sorted(ids), sorted(id for page in pages for id in page))

    def test_a_page_of_hidden_posts_has_its_way_on(self):
        shown = self.wrote('susan', 'moss old')
        self.wrote('john', *['moss'] * 40)
        self.change('john', suspended_at=utcnow())
        pages = self.walk(self.search('moss'))
        self.assertEqual(shown, [id for page in pages for id in page])

    def test_of_the_best_goes_on_behind_posts_that_are_gone(self):
        ids = self.wrote('susan', *['moss, moss, moss'] * 5, *['moss and bread'] * 5, *['moss with much bread'] * 5)
        best = [*ids[4::-1], *ids[9:4:-1], *ids[:9:-1]]
        first = self.search('moss', show='best')
        self.assertEqual(best[:5], posts_on(first))
        for id in best[2:5]:
            self.delete(id)
        best[:0] = self.wrote('susan', 'moss, moss, moss, moss')
        second = self.visitor.get(link(first, 'next')).text
        self.assertEqual(best[6:11], posts_on(second))
        for id in best[6:11]:
            self.delete(id)
        self.assertEqual(best[11:], posts_on(self.visitor.get(link(second, 'next')).text))
        above = self.visitor.get(link(second, 'prev')).text
        self.assertEqual(best[:3], posts_on(above)[:3])

    def delete(self, id: int) -> None:
        with self.app.app_context():
            post = db.session.get(Post, id)
            posts.delete(post.author, post)
            db.session.commit()


    def test_without_a_word_is_bounded_and_says_so(self):
        ids = self.wrote('susan', *['moss'] * 3, *['bread'] * 30)
        with mock.patch('app.search.embedded.wordless.WINDOWS', (5,)):
            page = self.search('-bread')
            self.assertIn('Not all posts were looked through', page)
            self.assertNotIn('Nothing found', page)
            pages = self.walk(page)
        self.assertEqual(ids[2::-1], [id for page in pages for id in page])
        self.assertNotIn('Not all posts', self.search('-bread'))
        since = self.search(f'since:{datetime.now(UTC) - timedelta(1):%Y-%m-%d}')
        self.assertEqual(33, sum(map(len, self.walk(since))))


class Visibility(SearchCase):
    def test_deleted_posts_are_gone_at_once(self):
        first, second = self.wrote('susan', 'moss', 'moss')
        with self.app.app_context():
            post = db.session.get(Post, first)
            posts.delete(post.author, post)
            db.session.commit()
        self.assertEqual([second], self.found('moss'))
        self.assertEqual(1, self.value(sa.select(sa.func.count()).select_from(post_search)))

    def test_those_of_a_deleted_account_too(self):
        self.wrote('susan', *['moss'] * 3)
        with self.app.app_context():
            accounts.delete(self.find('susan'))
            db.session.commit()
        self.assertEqual([], self.found('moss'))
        self.assertEqual(0, self.value(sa.select(sa.func.count()).select_from(post_search)))

    def test_suspended_people_are_found_by_nobody_else(self):
        self.wrote('susan', 'moss')
        self.change('susan', suspended_at=utcnow())
        self.assertEqual([], self.found('moss'))

    def test_what_the_index_still_has_is_not_shown(self):
        id, = self.wrote('susan', 'moss')
        with self.app.app_context():
            hits = embedded.Hits([id + 1, id, 1])
        with mock.patch.object(embedded, 'find', return_value=hits):
            self.assertEqual([id], self.found('moss'))

    def test_a_closed_site_asks_for_log_in(self):
        self.wrote('susan', 'moss')
        with mock.patch.dict(self.app.config, SITE_CLOSED=True):
            self.assertEqual(302, self.visitor.get('/search?q=moss').status_code)
            self.assertEqual(1, len(self.found('moss', self.log_in('john'))))

    def test_changed_posts_are_found_by_their_new_words(self):
        id, = self.wrote('susan', 'moss')
        with self.app.app_context():
            db.session.get(Post, id).body = 'bread'
            db.session.commit()
        self.assertEqual(([], [id]), (self.found('moss'), self.found('bread')))


class Count(SearchCase):
    """How many posts there are tells nobody what they may not see."""

    def setUp(self):
        super().setUp()
        self.shown = self.wrote('susan', *['moss'] * 7)
        self.wrote('john', *['moss'] * 6)
        self.change('john', suspended_at=utcnow())
        self.wrote('mary', *['moss'] * 5)

    def test_is_of_what_the_reader_may_see(self):
        reader = self.log_in('taro')
        self.assertIn('12 posts', self.search('moss', reader))
        self.assertIn('12 posts', self.search('moss'))
        self.assertEqual(302, self.log_in('mary').submit('/block/taro').status_code)
        self.assertIn('7 posts', self.search('moss', reader))
        self.assertIn('12 posts', self.search('moss'))

    def test_is_a_round_number_where_not_all_were_counted(self):
        with mock.patch('app.search.results.COUNTED', 10), mock.patch('app.search.results.ROUND', 5):
            page = self.search('moss')
        self.assertIn('More than 10 posts', page)
        self.assertNotIn('12 posts', page)
        with mock.patch('app.search.results.COUNTED', 10):
            self.assertNotRegex(self.search('moss'), '[0-9] posts')


class Names(SearchCase):
    def test_from_finds_people_by_the_name_they_had_before(self):
        id, = self.wrote('susan', 'moss')
        other, = self.wrote('sue', 'moss')
        with self.app.app_context():
            susan = self.find('susan')
            db.session.add(FormerUsername(username_key='suzi', user_id=susan.id, reserved_until=utcnow()))
            db.session.add(FormerUsername(username_key='sue', user_id=susan.id, reserved_until=utcnow()))
            db.session.commit()
        self.assertEqual([id], self.found('from:suzi'))
        self.assertEqual([other], self.found('from:SUE moss'))

    def test_nobody_of_that_name_is_said(self):
        self.assertIn('Nobody here is called @ghost', self.search('from:ghost moss'))

    def test_me_is_who_is_logged_in(self):
        id, = self.wrote('susan', 'moss')
        self.wrote('john', 'moss')
        self.assertEqual([id], self.found('from:me moss', self.log_in('susan')))
        self.assertIn('Log in to search what you wrote', self.search('from:me moss'))

    def test_a_flag_cannot_be_typed(self):
        id = self.person('susan')
        self.wrote('susan', 'moss')
        for words in (f'__by_{id}', f'"__by_{id}"', '__link', '__lang_en'):
            self.assertEqual([], self.found(words), words)


class Days(SearchCase):
    def test_begin_and_end_in_the_readers_zone(self):
        moment = (datetime.now(UTC) - timedelta(days=3)).replace(hour=23, minute=30)
        id, = self.wrote('susan', 'moss', timestamp=moment)
        here, there = f'{moment:%Y-%m-%d}', f'{moment + timedelta(days=1):%Y-%m-%d}'
        tokyo = self.log_in('taro')
        self.change('taro', timezone='Asia/Tokyo')
        self.assertEqual(([id], []), (self.found(f'moss until:{here}'), self.found(f'moss since:{there}')))
        self.assertEqual([], self.found(f'moss until:{here}', tokyo))
        self.assertEqual([id], self.found(f'moss since:{there}', tokyo))


class Hidden(SearchCase):
    """Who does not want to be found."""

    def save(self, visitor, **fields) -> None:
        self.assertEqual(302, visitor.submit('/settings/privacy', page='/settings', **fields).status_code)

    def test_is_not_from_the_moment_on_and_is_again(self):
        ids = self.wrote('susan', *['moss'] * 3)
        susan = self.log_in('susan')
        self.assertRegex(susan.get('/settings').text, '<input checked[^>]*name="is_findable"')
        self.save(susan)
        self.assertEqual([], self.found('moss'))
        self.assertEqual([], self.found('moss', susan))
        self.assertEqual(3, self.value(sa.select(sa.func.count()).select_from(post_search)))
        self.run_tasks()
        self.assertEqual(0, self.value(sa.select(sa.func.count()).select_from(post_search)))
        later = self.wrote('susan', 'moss later')
        self.assertEqual(0, self.value(sa.select(sa.func.count()).select_from(post_search)))
        self.assertEqual([], self.found('moss'))
        self.save(susan, is_findable='y')
        self.run_tasks()
        self.assertEqual((ids + later)[::-1], self.found('moss'))
        self.assertEqual(0, self.rows(HiddenFromSearch))

    def test_saving_twice_is_once(self):
        susan = self.log_in('susan')
        self.save(susan)
        self.save(susan)
        self.assertEqual(1, self.rows(HiddenFromSearch))

    def test_many_posts_go_and_come_in_steps(self):
        self.wrote('susan', *['moss'] * 7)
        susan = self.log_in('susan')
        with mock.patch('app.search.embedded.filling.AT_ONCE', 3):
            self.save(susan)
            self.run_tasks()
            self.assertEqual(0, self.value(sa.select(sa.func.count()).select_from(post_search)))
            self.save(susan, is_findable='y')
            self.run_tasks()
        self.assertEqual(7, self.value(sa.select(sa.func.count()).select_from(post_search)))


class Trouble(SearchCase):
    def test_nothing_that_is_typed_is_an_error(self):
        self.wrote('susan', *HOSTILE[:20])
        susan = self.log_in('susan')
        for words in HOSTILE:
            for visitor in (self.visitor, susan):
                self.search(words, visitor)
                self.search(words, visitor, show='best')

    def test_cursors_and_ways_that_are_none(self):
        self.assertEqual(404, self.visitor.get('/search?q=a&before=x').status_code)
        for rest in ('before=0', 'after=0', 'before=99999999999999999999', 'after=9223372036854775807', 'show=x'):
            for show in ('', '&show=best', '&show=people'):
                self.assertEqual(200, self.visitor.get(f'/search?q=a&{rest}{show}').status_code, rest)

    def test_an_engine_that_is_down_is_said_and_people_are_found(self):
        self.person('mossy')
        for fault, said in ((SearchDown(), 'Posts cannot be searched at the moment'),
                            (TooSlow(), 'Add another, rarer word')):
            with mock.patch.object(embedded, 'find', side_effect=fault):
                for show in ('', 'best'):
                    page = self.search('moss', show=show)
                    self.assertIn(said, page)
                    self.assertIn('/user/mossy', page)

    def test_a_statement_that_takes_too_long_is_said(self):
        self.wrote('susan', 'moss')
        with mock.patch('app.deadlines.SECONDS', 0.2), mock.patch.dict(embedded.BY_DATABASE, {
                kind: mock.Mock(find=self.endless) for kind in embedded.BY_DATABASE}):
            with self.app.app_context():
                db.engine.dispose()
            page = self.search('moss')
        with self.app.app_context():
            db.engine.dispose()
        self.assertIn('takes too long', page)
        self.assertEqual(1, len(self.found('moss')))

    @staticmethod
    def endless(*question):
        """Ask the database for something that takes minutes."""
        slow = {'sqlite': 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) '
                          'SELECT count(*) FROM n',
                'postgresql': 'SELECT pg_sleep(20)', 'mysql': 'SELECT SLEEP(20) FROM user'}
        db.session.execute(sa.text(slow[db.engine.dialect.name])).all()

    def test_people_are_not_asked_for_on_later_pages(self):
        ids = self.wrote('moss', *['moss'] * 7)
        self.assertNotIn('aria-label="People"', self.search('moss', before=ids[3]))
        self.assertIsNotNone(self.value(sa.select(User.id)))
