"""The page of a tag, and the names that are offered while one writes."""
from app import db
from app.models import Visibility
from app.services import posts, tags
from tests.base import make_post
from tests.world import WorldCase, link, posts_on


class TagPage(WorldCase):
    def publish(self, *texts: str) -> list[int]:
        with self.app.app_context():
            author = self.find('susan')
            ids = [posts.publish(author, text).id for text in texts]
            db.session.commit()
        return ids

    def setUp(self):
        super().setUp()
        self.person('susan')

    def test_shows_the_posts_with_it_however_it_is_written_as_most_write_it(self):
        ids = self.publish('#Moss', '#Moss too', '#MOSS', 'no moss', '#mossy')
        for name in ('moss', 'MOSS', 'Moss'):
            page = self.visitor.get(f'/tag/{name}').text
            self.assertEqual(ids[2::-1], posts_on(page))
            self.assertIn('<h1 class="text-break"><bdi>#Moss</bdi></h1>', page)
        self.assertIn('<a href="/tag/Moss"><bdi>#Moss</bdi></a>', page)

    def test_has_pages_that_lead_to_each_other(self):
        ids = self.publish(*(f'#wall {number}' for number in range(28)))[::-1]
        first = self.visitor.get('/tag/wall').text
        self.assertEqual(ids[:25], posts_on(first))
        second = self.visitor.get(link(first, 'next')).text
        self.assertEqual(ids[25:], posts_on(second))
        self.assertEqual(ids[:25], posts_on(self.visitor.get(link(second, 'prev')).text))

    def test_leaves_out_what_is_not_for_everybody_and_looks_as_if_there_were_nothing(self):
        with self.app.app_context():
            for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS):
                tags.note(make_post(self.find('susan'), '#Secret', visibility=visibility))
            db.session.commit()
        known, unknown = (self.visitor.get(f'/tag/{name}').text for name in ('secret', 'nobody'))
        self.assertEqual(unknown.replace('nobody', 'secret'), known)
        self.assertIn('Nothing here yet', known)

    def test_finds_a_public_post_below_many_that_are_not(self):
        id, = self.publish('#wall')
        with self.app.app_context():
            tags.note(*(make_post(self.find('susan'), '#wall', visibility=Visibility.UNLISTED) for _n in range(40)))
            db.session.commit()
        self.assertEqual([id], posts_on(self.visitor.get('/tag/wall').text))

    def test_is_there_for_tags_of_every_script_and_for_nothing_else(self):
        ids = self.publish('#東京 #Straße')
        for name in ('東京', 'strasse', '%E6%9D%B1%E4%BA%AC'):
            self.assertEqual(ids, posts_on(self.visitor.get(f'/tag/{name}').text), name)
        for name in ('2', 'a-b', 'a' * 101, '%EF%BE%9E!', '%23a', 'a b'):
            self.assertEqual(404, self.visitor.get(f'/tag/{name}').status_code, name)


class Names(WorldCase):
    def test_that_begin_so_are_offered_to_who_writes(self):
        susan = self.log_in('susan')
        for number in range(8):
            self.person(f'anna{number}', name=f'Anna <{number}>')
        found = susan.get('/search/names?q=ann').json['people']
        self.assertEqual([{'username': f'anna{n}', 'name': f'Anna <{n}>'} for n in range(6)], found)
        self.assertEqual([], susan.get('/search/names?q=').json['people'])
        self.assertEqual([], susan.get('/search/names').json['people'])
