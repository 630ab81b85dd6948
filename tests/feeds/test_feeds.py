"""Feeds: well-formed, complete, only what everybody may read, and asked for again by their tag."""
import json
from xml.etree import ElementTree

import sqlalchemy as sa

from app import db
from app.models import User, Visibility
from app.services import engagement, posts, tags
from tests.base import make_post, make_user
from tests.world import Outline, WorldCase

SITE = 'http://localhost:5000'
ATOM = '{http://www.w3.org/2005/Atom}'
HOSTILE = ('<b>&amp;</b> ]]> & "quotes" \x01\x0b\x0c\x1f\ufffe 😀', '#moss and @john, https://example.com/?a=1&b=2')
LISTS = '/user/susan', '/tag/moss', '/explore'


class Feeds(WorldCase):
    def setUp(self):
        super().setUp()
        with self.app.app_context():
            susan = make_user('susan', name='Süsan <&>', language='en')
            make_user('john')
            self.post = posts.publish(susan, HOSTILE[1]).id
            db.session.commit()

    def atom(self, path: str) -> ElementTree.Element:
        answer = self.visitor.get(f'{path}/feed.atom')
        self.assertEqual((200, 'application/atom+xml; charset=utf-8'), (answer.status_code, answer.content_type))
        return ElementTree.fromstring(answer.data)

    def json(self, path: str) -> dict:
        answer = self.visitor.get(f'{path}/feed.json')
        self.assertEqual((200, 'application/feed+json; charset=utf-8'), (answer.status_code, answer.content_type))
        return json.loads(answer.data)

    def texts(self, path: str) -> list[str]:
        """The texts of a feed, which are the same in both forms."""
        items = self.json(path)['items']
        contents = [entry.findtext(f'{ATOM}content') for entry in self.atom(path).iter(f'{ATOM}entry')]
        self.assertEqual([item['content_html'] for item in items], contents)
        return [item['content_text'] for item in items]

    def test_hold_what_a_reader_needs_with_whole_addresses(self):
        address = f'{SITE}/post/{self.post}'
        for path in LISTS:
            atom, item = self.atom(path), self.json(path)['items'][0]
            entry = atom.find(f'{ATOM}entry')
            self.assertEqual([address, address], [entry.findtext(f'{ATOM}id'), item['id']], path)
            self.assertEqual(HOSTILE[1], entry.findtext(f'{ATOM}title'))
            self.assertEqual('Süsan <&>', entry.find(f'{ATOM}author').findtext(f'{ATOM}name'))
            self.assertEqual([entry.findtext(f'{ATOM}published')] * 2,
                             [item['date_published'], atom.findtext(f'{ATOM}updated')])
            self.assertEqual(['moss'], item['tags'])
            for link in (f'{SITE}/tag/moss', f'{SITE}/user/john', 'https://example.com/?a=1&amp;b=2'):
                self.assertIn(f'<a href="{link}"', item['content_html'])
            self.assertEqual(f'{SITE}{path}', self.json(path)['home_page_url'])
            self.assertEqual(f'{SITE}{path}/feed.json', self.json(path)['feed_url'])
            self.assertEqual(f'{SITE}{path}/feed.atom', atom.find(f'{ATOM}link[@rel="self"]').get('href'))

    def test_are_valid_whatever_was_written(self):
        with self.app.app_context():
            make_post(self.find('susan'), HOSTILE[0])
            self.change('susan', name='\x01\x02')
        for path in ('/user/susan', '/explore'):
            self.assertEqual(HOSTILE[0], self.json(path)['items'][0]['content_text'])
            content = self.atom(path).find(f'{ATOM}entry').findtext(f'{ATOM}content')
            self.assertIn('<p>&lt;b&gt;&amp;amp;&lt;/b&gt; ]]&gt; &amp; &#34;quotes&#34;', content)
            self.assertIn('😀', content)

    def test_hold_only_what_everybody_may_read_and_meet_and_at_most_25(self):
        with self.app.app_context():
            susan, john = self.find('susan'), self.find('john')
            for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.MENTIONED):
                tags.note(make_post(susan, f'#moss secret {visibility}', visibility=visibility))
            engagement.repost(susan, make_post(john, '#moss by john'))
            db.session.commit()
        for path in LISTS:
            self.assertFalse([text for text in self.texts(path) if 'secret' in text], path)
        self.assertEqual([HOSTILE[1]], self.texts('/user/susan'))
        with self.app.app_context():
            for number in range(30):
                posts.publish(self.find('susan'), f'#moss {number}')
            db.session.commit()
        for path in LISTS:
            self.assertEqual([f'#moss {number}' for number in range(29, 4, -1)], self.texts(path), path)

    def test_are_answered_with_304_until_something_changes(self):
        for path in LISTS:
            for ending in ('atom', 'json'):
                address = f'{path}/feed.{ending}'
                tag = self.visitor.get(address).headers['ETag']
                again = {'If-None-Match': tag}
                self.assertEqual(304, self.log_in('john').get(address, headers=again).status_code)
                self.wrote('susan', 'something new') if path != '/tag/moss' else self.publish('#moss new')
                self.assertEqual(200, self.visitor.get(address, headers=again).status_code)

    def publish(self, text: str) -> None:
        with self.app.app_context():
            posts.publish(self.find('susan'), text)
            db.session.commit()

    def test_of_nobody_and_of_no_tag_are_not_there_and_one_that_moved_leads_on(self):
        self.change('john', suspended_at=self.value(sa.select(User.created_at).where(User.username == 'john')))
        for path in ('/user/john', '/user/nobody', '/tag/2', '/tag/a-b'):
            self.assertEqual(404, self.visitor.get(f'{path}/feed.atom').status_code, path)
        self.assertEqual([], self.texts('/tag/unused'))
        answer = self.visitor.get('/user/SUSAN/feed.json')
        self.assertEqual((301, '/user/susan/feed.json'), (answer.status_code, answer.location))

    def test_are_named_in_their_pages_unless_the_site_is_closed(self):
        susan = self.log_in('susan')
        for path in LISTS:
            links = [link for link in Outline(self.visitor.get(path).text).all('link') if link['rel'] == 'alternate']
            self.assertEqual([f'{path}/feed.atom', f'{path}/feed.json'], [link['href'] for link in links])
        self.app.config['SITE_CLOSED'] = True
        self.addCleanup(self.app.config.update, SITE_CLOSED=False)
        for path in LISTS:
            self.assertNotIn('rel="alternate"', susan.get(path).text)
            answers = [visitor.get(f'{path}/feed.atom') for visitor in (self.visitor, susan)]
            self.assertEqual([302, 404], [answer.status_code for answer in answers])
