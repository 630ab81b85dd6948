"""The card about somebody that the script lays beside their name."""
import re

import sqlalchemy as sa

from app.models import User
from tests.world import LiveConfig, Outline, WorldCase

EVIL = '<script>alert(1)</script>'


class Card(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        self.person('john', name='John', about_me='Boats and kettles.')

    def card(self, username='john', visitor=None, status=200) -> str:
        answer = (visitor or self.susan).get(f'/user/{username}/popup')
        self.assertEqual(status, answer.status_code)
        return answer.text

    def test_says_who_somebody_is(self):
        self.wrote('john', 'one', 'two')
        self.follows('john', 'susan')
        card = self.card()
        for words in ('John', '@john', 'Boats and kettles.', 'Follows you', '<b class="num">2</b> posts',
                      'href="/user/john/following"', 'href="/user/john/followers"'):
            self.assertIn(words, card)

    def test_is_a_piece_of_a_page(self):
        for visitor in (self.susan, self.visitor):
            outline = Outline(self.card(visitor=visitor))
            self.assertEqual([], outline.faults)
            for tag in ('html', 'main', 'h1', 'h2', 'script', 'style'):
                self.assertEqual([], outline.all(tag))
            self.assertFalse([names for _tag, names in outline.tags if 'style' in names or 'id' in names])

    def test_follows_and_unfollows_by_a_form(self):
        form = self.card()
        self.assertIn('action="/follow/john"', form)
        token = re.search(r'name="csrf_token" value="([^"]*)"', form)[1]
        back = {'csrf_token': token, 'next': '/explore'}
        self.assertEqual('/explore', self.susan.post('/follow/john', back).location)
        self.assertIn('action="/unfollow/john"', self.card())

    def test_of_oneself_leads_to_the_own_profile(self):
        card = self.card('susan')
        self.assertIn('href="/edit_profile"', card)
        self.assertNotIn('<form', card)

    def test_of_a_visitor_has_no_form_and_starts_no_session(self):
        answer = self.visitor.get('/user/john/popup')
        self.assertNotIn('<form', answer.text)
        self.assertNotIn('Set-Cookie', answer.headers)

    def test_is_kept_for_a_moment_by_the_browser_alone_and_under_its_cookie(self):
        answer = self.susan.get('/user/john/popup')
        self.assertEqual('private, max-age=60', answer.headers['Cache-Control'])
        self.assertIn('Cookie', answer.headers['Vary'])

    def test_shows_words_as_words(self):
        self.change('john', name=EVIL[:50], about_me=EVIL)
        card = self.card()
        self.assertNotIn('<script', card)
        self.assertIn('&lt;script&gt;', card)

    def test_is_there_for_whom_the_profile_is(self):
        self.card('nobody', status=404)
        for values in ({'suspended_at': sa.func.now()}, {'suspended_at': None, 'confirm_by': sa.func.now()}):
            self.change('john', **values)
            for visitor in (self.susan, self.visitor):
                self.card(visitor=visitor, status=404)

    def test_of_a_former_name_is_found_under_the_new_one(self):
        answer = self.susan.get('/user/JOHN/popup')
        self.assertEqual((301, '/user/john/popup'), (answer.status_code, answer.location))

    def test_costs_three_statements(self):
        for visitor, count in ((self.susan, 3), (self.visitor, 2)):  # one is whether the account is private
            with self.statements() as seen:
                self.card(visitor=visitor)
            self.assertEqual(count, len(seen), seen)

    def test_is_offered_where_people_are_named(self):
        self.wrote('john', 'hello')
        self.follows('susan', 'john')
        for path in ('/', '/explore', '/user/susan/following', '/search?q=john'):
            self.assertIn('href="/user/john" data-popup>', self.susan.get(path).text, path)
        self.assertEqual(2, self.value(sa.select(sa.func.count()).select_from(User)))


class Closed(WorldCase):
    class config(LiveConfig):
        SITE_CLOSED = True

    def test_to_visitors_as_everything_is(self):
        self.person('john')
        self.assertEqual(302, self.visitor.get('/user/john/popup').status_code)
        self.assertEqual(200, self.log_in('susan').get('/user/john/popup').status_code)
