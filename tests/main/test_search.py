"""Finding people by how their names begin; posts: `tests/search`."""
from app.models import utcnow
from tests.world import LiveConfig, WorldCase, people_on


class Search(WorldCase):
    def found(self, words: str) -> list[str]:
        answer = self.visitor.get('/search', query_string={'q': words})
        self.assertEqual(200, answer.status_code)
        return people_on(answer.text)

    def test_finds_usernames_and_names_by_their_beginning(self):
        self.person('susan', name='Zora')
        self.person('suse')
        self.person('zed')
        self.assertEqual(['susan', 'suse'], self.found('su'))
        self.assertEqual(['susan', 'zed'], self.found('z'))
        self.assertEqual([], self.found('usan'))

    def test_knows_no_difference_of_case_accents_and_at_signs(self):
        self.person('u1', name='Élodie Müller')
        for words in ('elodie', 'ÉLODIE', 'E\u0301lodie m', '  élodie ', '@U1', ' @ u1'):
            self.assertEqual(['u1'], self.found(words), words)

    def test_finds_names_of_every_script(self):
        self.person('u1', name='山田太郎')
        self.person('u2', name='Ωμέγα')
        self.person('u3', name='محمد')
        self.person('u4', name='\U0001f600 joy')
        for words, name in (('山', 'u1'), ('山田', 'u1'), ('ωμ', 'u2'), ('مح', 'u3'), ('\U0001f600', 'u4')):
            self.assertEqual([name], self.found(words), words)

    def test_takes_every_sign_for_itself(self):
        self.person('a_b', name='100% sure')
        self.person('axb', name='100x sure')
        self.assertEqual(['a_b'], self.found('a_'))
        self.assertEqual(['a_b'], self.found('100%'))
        for words in ('%', '*', '?', "'", '"', '\\', '[a]', '--', ';', '.*', 'a%', '$', '^'):
            self.assertEqual([], self.found(words), words)

    def test_finds_nobody_for_nothing(self):
        self.person('susan', name='Zora')
        for words in ('', ' ', '@', '\u0301', '\u200b', '\u3000', ' @ '):
            self.assertEqual([], self.found(words), words)
        self.assertEqual([], people_on(self.visitor.get('/search').text))

    def test_says_that_nobody_is_found_and_keeps_the_words(self):
        page = self.visitor.get('/search', query_string={'q': '<i>no"body'}).text
        self.assertIn('Nothing found', page)
        self.assertIn('value="&lt;i&gt;no&#34;body"', page)

    def test_leaves_out_suspended_people(self):
        self.person('susan', suspended_at=utcnow())
        self.assertEqual([], self.found('susan'))

    def test_takes_the_first_of_repeated_words_and_survives_long_ones(self):
        self.person('susan')
        self.assertEqual(['susan'], people_on(self.visitor.get('/search?q=sus&q=nobody').text))
        self.assertEqual([], self.found('s' * 5000))
        self.assertEqual([], self.found('\U0010ffff' * 200))

    def test_offers_to_follow(self):
        susan = self.log_in('susan')
        self.person('suse')
        page = susan.get('/search?q=su').text
        self.assertIn('action="/follow/suse"', page)
        self.assertNotIn('action="/follow/susan"', page)


class Page(WorldCase):
    class config(LiveConfig):
        POSTS_PER_PAGE = 3

    def test_shows_the_first_names_of_many(self):
        for n in range(5):
            self.person(f'fan{n}', name=f'Zoe {9 - n}')
        self.assertEqual(['fan0', 'fan1', 'fan2'], people_on(self.visitor.get('/search?q=fan').text))
        self.assertEqual(3, len(people_on(self.visitor.get('/search?q=zoe').text)))
