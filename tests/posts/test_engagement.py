"""Liking and reposting on pages: for the script and without it, for visitors, and of what one may not see."""
import sqlalchemy as sa

from app import db
from app.models import Like, Post, Visibility, utcnow
from app.services import engagement, posts
from tests.base import hidden_fields, make_post
from tests.world import Outline, WorldCase, link, people_on, posts_on

VERBS = 'like', 'unlike', 'repost', 'unrepost'


class Acts(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        self.post, = self.wrote('john', 'words')

    def numbers(self) -> list[int]:
        return [self.value(sa.select(number).where(Post.id == self.post))
                for number in (Post.likes_count, Post.reposts_count)]

    def test_lead_back_to_where_the_reader_was_and_count(self):
        for verb, numbers in zip(VERBS, ([1, 0], [0, 0], [0, 1], [0, 0]), strict=True):
            answer = self.susan.submit(f'/post/{self.post}/{verb}', page='/explore', next='/explore#x')
            self.assertEqual((302, '/explore#x'), (answer.status_code, answer.location))
            self.assertEqual(numbers, self.numbers())
            self.assertEqual(405, self.susan.get(f'/post/{self.post}/{verb}').status_code)
        answer = self.susan.submit(f'/post/{self.post}/like', page='/explore', next='//evil')
        self.assertEqual(f'/post/{self.post}', answer.location)

    def test_give_the_script_the_button_as_it_is_now(self):
        token = hidden_fields(self.susan.get('/explore').text)['csrf_token']
        for verb, undo in zip(VERBS, ('unlike', 'like', 'unrepost', 'repost'), strict=True):
            answer = self.susan.post(f'/post/{self.post}/{verb}', {'csrf_token': token}, headers={'X-Piece': '1'})
            self.assertEqual(200, answer.status_code)
            form, = Outline(answer.text).all('form')
            self.assertEqual(f'/post/{self.post}/{undo}', form['action'])
            button, = Outline(answer.text).all('button')
            self.assertEqual('true' if undo.startswith('un') else 'false', button['aria-pressed'])
            self.assertIn(f'<span class="num">{"1" if undo.startswith("un") else ""}</span>', answer.text)

    def test_show_what_the_reader_has_touched(self):
        for verb in ('like', 'repost'):
            self.susan.submit(f'/post/{self.post}/{verb}', page='/explore')
        for path in ('/explore', f'/post/{self.post}', '/user/john', '/likes', '/search?q=words'):
            page = self.susan.get(path).text
            for way in ('unlike', 'unrepost'):
                self.assertIn(f'action="/post/{self.post}/{way}"', page, path)
            self.assertEqual(2, page.count('aria-pressed="true"'), path)
            self.assertEqual(0, self.log_in('mary').get('/explore').text.count('aria-pressed="true"'))

    def test_are_links_to_log_in_for_visitors_and_a_zero_is_not_written(self):
        self.susan.submit(f'/post/{self.post}/like', page='/explore')
        page = self.visitor.get('/explore').text
        self.assertEqual(2, page.count(f'href="/auth/login?next=/post/{self.post}"'))
        self.assertIn('<span class="num">1</span>', page)
        self.assertNotIn('<span class="num">0</span>', page)
        self.assertNotIn('/like"', page)

    def test_on_what_is_hidden_deleted_and_what_never_was_are_refused_alike(self):
        with self.app.app_context():
            hidden = make_post(self.find('john'), 'secret', visibility=Visibility.FOLLOWERS).id
            gone = make_post(self.find('john'), 'regretted')
            posts.delete(self.find('john'), gone)
            db.session.commit()
            ids = hidden, gone.id, hidden + 1
        for verb in VERBS:
            answers = [self.susan.submit(f'/post/{id}/{verb}', page='/explore') for id in ids]
            self.assertEqual([404] * 3, [answer.status_code for answer in answers])
        for verb in ('likes', 'reposts'):
            answers = [self.susan.get(f'/post/{id}/{verb}') for id in (hidden, hidden + 1)]
            self.assertEqual([404, 404], [answer.status_code for answer in answers])
        self.assertEqual([0, 2], [self.rows(Like), self.rows(Post)])

    def test_a_post_for_followers_can_be_liked_by_them_and_not_passed_on(self):
        self.follows('susan', 'john')
        with self.app.app_context():
            id = make_post(self.find('john'), 'for followers', visibility=Visibility.FOLLOWERS).id
        self.assertEqual(302, self.susan.submit(f'/post/{id}/like', page='/').status_code)
        self.assertEqual(403, self.susan.submit(f'/post/{id}/repost', page='/').status_code)
        self.assertNotIn(f'/post/{id}/repost"', self.susan.get('/').text)


class Lists(WorldCase):
    def setUp(self):
        super().setUp()
        self.post, = self.wrote('john', 'words')
        self.names = [f'user{number}' for number in range(28)]
        for name in self.names:
            self.person(name)
            with self.app.app_context():
                for verb in (engagement.like, engagement.repost):
                    verb(self.find(name), db.session.get(Post, self.post))
                db.session.commit()

    def test_of_people_have_pages_and_leave_out_who_is_hidden(self):
        for kind in ('likes', 'reposts'):
            first = self.visitor.get(f'/post/{self.post}/{kind}').text
            self.assertEqual(people_on(first), people_on(self.log_in('user1').get(f'/post/{self.post}/{kind}').text))
            self.assertEqual(self.names[:2:-1], people_on(first), kind)
            second = self.visitor.get(link(first, 'next')).text
            self.assertEqual(['user2', 'user1', 'user0'], people_on(second))
            self.assertEqual(people_on(first), people_on(self.visitor.get(link(second, 'prev')).text))
        self.change('user2', suspended_at=utcnow())
        self.assertEqual(['user1', 'user0'], people_on(self.visitor.get(link(first, 'next')).text)[-2:])

    def test_of_a_repost_are_those_of_its_original(self):
        repost = self.value(sa.select(sa.func.max(Post.id)))
        self.assertEqual(self.names[:2:-1], people_on(self.visitor.get(f'/post/{repost}/likes').text))

    def test_are_linked_from_the_post_with_their_numbers(self):
        page = self.visitor.get(f'/post/{self.post}').text
        for kind in ('likes', 'reposts'):
            self.assertIn(f'<a href="/post/{self.post}/{kind}"><b class="num">28</b> {kind}</a>', page)

    def test_of_what_one_likes_begin_with_the_latest_like_and_are_ones_own(self):
        susan = self.log_in('susan')
        ids = self.wrote('mary', *map(str, range(27)))
        with self.app.app_context():
            for id in reversed(ids):  # the oldest post is liked last
                engagement.like(self.find('susan'), db.session.get(Post, id))
                db.session.commit()
        first = susan.get('/likes').text
        self.assertEqual(ids[:25], posts_on(first))
        second = susan.get(link(first, 'next')).text
        self.assertEqual(ids[25:], posts_on(second))
        self.assertEqual(ids[:25], posts_on(susan.get(link(second, 'prev')).text))
        self.assertEqual([], posts_on(self.log_in('mary').get('/likes').text))
        with self.app.app_context():
            db.session.execute(sa.update(Post).where(Post.id == ids[0]).values(visibility=Visibility.MENTIONED))
            db.session.commit()
        self.assertEqual(ids[1:25], posts_on(susan.get('/likes').text))

    def test_show_reposts_with_who_passed_them_on(self):
        page = self.visitor.get('/user/user3').text
        self.assertIn('<a href="/user/user3" data-popup><bdi>user3</bdi></a> reposted', page)
        self.assertIn('<p>words</p>', page)
        self.assertEqual(1, len(posts_on(page)))
        self.assertEqual([self.post], posts_on(self.visitor.get('/explore').text))
        self.assertIn('<b class="num">0</b> posts', page)
