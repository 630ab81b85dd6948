"""Home, explore and the pages around them, as a browser without script sees them."""
from app.models import MAX_ID, utcnow
from tests.world import LiveConfig, WorldCase, link, posts_on

SIZE = LiveConfig.POSTS_PER_PAGE


class Home(WorldCase):
    def test_shows_what_one_wrote_and_what_people_one_follows_wrote(self):
        susan = self.log_in('susan')
        own, = self.wrote('susan', 'mine')
        followed, = self.wrote('john', 'of a friend')
        self.wrote('mary', 'of a stranger')
        self.follows('susan', 'john')
        self.assertEqual([followed, own], posts_on(susan.get('/').text))
        self.assertEqual([followed, own], posts_on(susan.get('/index').text))

    def test_asks_visitors_to_log_in_without_a_word_at_the_front_door(self):
        answer = self.visitor.get('/')
        self.assertEqual((302, '/auth/login'), (answer.status_code, answer.location))
        self.assertNotIn('Log in to see', self.visitor.get('/auth/login').text)

    def test_leads_from_the_log_in_page_to_where_one_wanted_to_go(self):
        answer = self.visitor.get('/edit_profile')
        self.assertEqual('/auth/login?next=/edit_profile', answer.location)
        self.assertIn('Log in to see this page.', self.visitor.get(answer.location).text)

    def test_proposes_people_only_while_it_is_empty(self):
        self.wrote('john', 'hello')
        susan = self.log_in('susan')
        self.assertIn('/follow/john', susan.get('/').text)
        self.follows('susan', 'john')
        self.assertNotIn('/follow/john', susan.get('/').text)

    def test_is_paged_to_the_end_and_back_without_a_gap(self):
        susan = self.log_in('susan')
        ids = self.wrote('susan', *(f'number {n}' for n in range(2 * SIZE + 3)))[::-1]
        seen, page = [], susan.get('/').text
        while True:
            seen += posts_on(page)
            if link(page, 'next') is None:
                break
            page = susan.get(link(page, 'next')).text
        self.assertEqual(ids, seen)
        page = susan.get(link(page, 'prev')).text
        self.assertEqual(ids[SIZE:2 * SIZE], posts_on(page))
        self.assertEqual(ids[:SIZE], posts_on(susan.get(link(page, 'prev')).text))

    def test_older_stays_where_it_was_when_somebody_writes_meanwhile(self):
        susan = self.log_in('susan')
        ids = self.wrote('susan', *(f'number {n}' for n in range(SIZE + 2)))[::-1]
        older = link(susan.get('/').text, 'next')
        self.wrote('susan', *(f'later {n}' for n in range(SIZE)))
        self.assertEqual(ids[SIZE:], posts_on(susan.get(older).text))


class Explore(WorldCase):
    def test_shows_everybody_to_everybody(self):
        first, = self.wrote('john', 'one')
        second, = self.wrote('mary', 'two')
        self.assertEqual([second, first], posts_on(self.visitor.get('/explore').text))
        self.assertEqual([second, first], posts_on(self.log_in('susan').get('/explore').text))

    def test_leaves_out_suspended_people_except_for_themselves(self):
        self.wrote('john', 'one')
        kept, = self.wrote('mary', 'two')
        self.change('john', suspended_at=utcnow())
        self.assertEqual([kept], posts_on(self.visitor.get('/explore').text))

    def test_says_when_nobody_has_written(self):
        self.assertIn('Nobody has written yet', self.visitor.get('/explore').text)

    def test_reads_the_newest_page_for_a_cursor_beyond_everything(self):
        ids = self.wrote('john', 'one', 'two')[::-1]
        for query in ('before=' + '9' * 300, f'before={MAX_ID}', 'after=0', 'before=' + '9' * 5000):
            self.assertEqual(ids, posts_on(self.visitor.get(f'/explore?{query}').text), query[:20])

    def test_finds_the_nearest_posts_when_a_cursor_lies_below_or_above_all(self):
        ids = self.wrote('john', 'one', 'two')[::-1]
        for query in ('before=0', f'after={ids[0]}', f'after={MAX_ID}'):
            self.assertEqual(ids, posts_on(self.visitor.get(f'/explore?{query}').text), query)

    def test_answers_404_for_what_is_no_cursor(self):
        for value in ('', '-1', 'abc', '1.5', '１２', '1e9', ' 1', '+1', '0x1'):
            for name in ('before', 'after'):
                answer = self.visitor.get('/explore', query_string={name: value})
                self.assertEqual(404, answer.status_code, value)


class Text(WorldCase):
    def test_shows_what_people_type_as_text(self):
        self.wrote('john', '<script>alert(1)</script> & "quotes" {{ 7*7 }} %(name)s')
        page = self.visitor.get('/explore').text
        self.assertIn('&lt;script&gt;alert(1)&lt;/script&gt; &amp;', page)
        self.assertIn('{{ 7*7 }} %(name)s', page)

    def test_links_only_web_addresses(self):
        self.wrote('john', 'javascript:alert(1) data:text/html,x https://example.com/a?b=1&c=2')
        page = self.visitor.get('/explore').text
        self.assertIn('href="https://example.com/a?b=1&amp;c=2"', page)
        self.assertNotIn('href="javascript', page)
        self.assertNotIn('href="data', page)

    def test_shows_a_name_with_markup_as_text_in_every_place(self):
        self.person('john', name='<b>J</b>"\'')
        id, = self.wrote('john', 'hello')
        susan = self.log_in('susan')
        for path in ('/explore', '/user/john', '/', '/search?q=john', f'/post/{id}'):
            self.assertNotIn('<b>J</b>', susan.get(path).text, path)


class About(WorldCase):
    def test_is_there_for_everybody(self):
        self.assertEqual(200, self.visitor.get('/about').status_code)
        self.assertEqual(200, self.log_in('susan').get('/about').status_code)


class ClosedSite(WorldCase):
    class config(LiveConfig):
        SITE_CLOSED = True

    def test_leads_visitors_to_the_log_in_page_from_everywhere(self):
        id, = self.wrote('john', 'a secret')
        for path in ('/', '/explore', '/user/john', '/@john', '/user/john/followers', '/search?q=j',
                     f'/post/{id}', '/about', '/avatar/1/80', '/nowhere', f'/post/{id}1'):
            answer = self.visitor.get(path)
            self.assertEqual(302, answer.status_code, path)
            self.assertTrue(answer.location.startswith('/auth/login'), path)

    def test_answers_401_as_json_where_json_is_asked(self):
        answer = self.visitor.get('/explore', headers={'Accept': 'application/json'})
        self.assertEqual((401, 'application/json'), (answer.status_code, answer.mimetype))

    def test_lets_people_in_who_log_in(self):
        id, = self.wrote('john', 'a secret')
        john = self.log_in('john')
        for path in ('/', '/explore', '/user/john', f'/post/{id}', '/about'):
            self.assertEqual(200, john.get(path).status_code, path)

    def test_shows_the_pages_for_logging_in_and_their_parts(self):
        page = self.visitor.get('/auth/login')
        self.assertEqual(200, page.status_code)
        for tag in ('microblog.css', 'bootstrap.min.css', 'microblog.js'):
            path = next(part for part in page.text.split('"') if tag in part)
            answer = self.visitor.get(path.replace('&amp;', '&'))
            self.assertEqual(200, answer.status_code, path)
            answer.close()

    def test_keeps_pictures_out_of_shared_caches(self):
        id = self.person('john')
        answer = self.log_in('john').get(f'/avatar/{id}/80')
        self.assertTrue(answer.headers['Cache-Control'].startswith('private'))
