"""Posts are drawn once for all who see the same of them: nobody sees what was drawn for somebody else, or before."""
import re
from typing import get_type_hints

import sqlalchemy as sa
from markupsafe import Markup

from app import articles, db, fragments
from app.models import Post, User, Visibility
from app.services import engagement
from tests.base import hidden_fields, make_user
from tests.world import WorldCase, posts_on

OF_ONE_REQUEST = re.compile(r'name="(?:csrf_token|form_key)" value="[^"]*"|data-since="\d+"')
HOSTILE = '<keys> <back> &lt;keys&gt; <me> "#post-1 {{ menu.token }} %(name)s https://example.com/<back>'


def forget() -> None:
    """Draw everything anew."""
    for drawing in articles._draw, articles._frame, fragments._draw:
        drawing.cache_clear()


class Drawn(WorldCase):
    def setUp(self):
        super().setUp()
        self.clients = {name: self.log_in(name) for name in ('susan', 'john')}
        self.follows('susan', 'john')
        self.post, self.hostile = self.wrote('john', 'words for @susan and #all', HOSTILE)
        self.answer, = self.wrote('susan', 'an answer')

    def page(self, name: str, path: str = '/explore', **headers) -> str:
        return self.clients.get(name, self.visitor).get(path, headers=headers).text

    def pages(self) -> dict[tuple, str]:
        """What everybody sees everywhere, without what differs each time."""
        paths = ('/', '/explore', '/explore?', '/user/john', f'/post/{self.answer}', '/search?q=words', '/settings',
                 '/user/susan')
        ways = [(name, path, 'ar' if path.endswith('?') else 'en') for name in ('susan', 'john', '') for path in paths]
        return {way: OF_ONE_REQUEST.sub('', self.page(*way[:2], **{'Accept-Language': way[2]})) for way in ways}

    def changes(self):
        """One change after the other that a list shows."""
        yield 'nothing'
        self.change('john', name='Another <name>')
        yield 'the name'
        self.change('john', avatar_version=7)
        yield 'the picture'
        self.act(engagement.like)
        yield 'a like'
        self.act(engagement.repost)
        yield 'a repost'
        self.act(engagement.unlike)
        yield 'the like taken back'
        self.change('susan', timezone='Asia/Kathmandu', language='de')
        yield 'zone and language'
        self.change('susan', theme='dark', shortcuts=False, unread_messages=3, unread_notifications=1)
        yield 'theme, keys and what is unread'
        with self.app.app_context():
            db.session.execute(sa.update(Post).where(Post.id == self.answer).values(
                parent_id=self.post, root_id=self.post, parent_author_id=self.find('john').id, replies_count=2000))
            db.session.execute(sa.update(Post).where(Post.id == self.hostile).values(visibility=Visibility.FOLLOWERS))
            db.session.commit()
        yield 'an answer, and who reads'

    def act(self, do) -> None:
        with self.app.app_context():
            do(self.find('susan'), db.session.get(Post, self.post))
            db.session.commit()

    def test_as_if_each_were_drawn_anew(self):
        forget()
        seen = set()
        for change in self.changes():
            warm = self.pages()
            forget()
            self.assertEqual(self.pages(), warm, change)
            self.assertNotIn(tuple(warm.values()), seen, f'{change} is not to be seen')
            seen.add(tuple(warm.values()))
        self.assertGreater(articles._draw.cache_info().hits, 0)

    def test_with_the_token_and_the_way_back_of_the_reader(self):
        for name, path in [('susan', '/explore?before=9000000000000000000'), ('john', '/explore'), ('susan', '/')]:
            page = self.page(name, path)
            self.assertEqual([self.answer, self.hostile, self.post], posts_on(page))
            tokens = re.findall(r'name="csrf_token" value="([^"]+)"', page)
            self.assertEqual({hidden_fields(page)['csrf_token']}, set(tokens))
            self.assertGreater(len(tokens), 9)
            self.assertEqual({f'{path}#post-{id}' for id in posts_on(page)} | {path},
                             set(re.findall(r'name="next" value="(/[^"]*)"', page)))

    def test_once_whatever_picture_they_have_of_whom_only_the_name_is_shown(self):
        with self.app.app_context():
            db.session.execute(sa.update(Post).where(Post.id == self.answer).values(
                parent_id=self.post, root_id=self.post, parent_author_id=self.find('john').id))
            db.session.commit()
            engagement.repost(self.find('mary') or make_user('mary'), db.session.get(Post, self.answer))
            db.session.commit()
        drawn = []
        for version in range(2):
            for name in ('john', 'mary'):
                self.change(name, avatar_version=version)
            with self.statements() as seen:
                self.page('', '/user/susan')
                self.page('', '/user/mary')
            drawn.append(articles._draw.cache_info().misses)
            self.assertNotIn('answered.avatar_version', ''.join(seen))
        self.assertEqual(drawn[0], drawn[1])

    def test_with_any_number_of_what_is_unread(self):
        for number in (0, 1, 12, 123):
            self.change('susan', unread_messages=number, unread_notifications=number)
            page = self.page('susan', '/about')
            self.assertEqual([str(number)] * 3, re.findall(r'data-unread="[^"]*">([^<]*)<', page))
            self.assertEqual(0 if number else 3, len(re.findall(r'class="count" hidden', page)))
            if number == 1:
                kept = fragments._draw.cache_info().currsize
        self.assertEqual(kept, fragments._draw.cache_info().currsize)

    def test_in_a_frame_of_plain_values(self):
        for path in ('/', f'/post/{self.post}'):
            with self.app.test_request_context(path):
                menu = articles.post_menu(Markup, Markup)
            for field, kind in get_type_hints(articles.Frame).items():
                self.assertIsInstance(getattr(menu, field), kind, f'{field} at {path}')

    def test_leaves_texts_alone_that_look_like_its_marks(self):
        for name in ('susan', ''):
            page = self.page(name)
            self.assertFalse(re.findall(f'<(?:{"|".join(fragments.Marks._fields)})>', page))
            self.assertIn('&lt;keys&gt; &lt;back&gt; &amp;lt;keys&amp;gt; &lt;me&gt;', page)

    def test_offers_only_ones_own_posts_for_deletion(self):
        for name in ('john', 'susan', 'john'):
            with self.app.app_context():
                own = db.session.scalars(sa.select(Post.id).join(User, Post.author).where(User.username == name)).all()
            self.assertEqual({f'/post/{id}/delete' for id in own},
                             set(re.findall(r'href="(/post/\d+/delete)"', self.page(name))))
        self.assertNotIn('/delete"', self.page(''))
