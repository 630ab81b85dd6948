"""A post's own page, and what is there after it was deleted."""
import sqlalchemy as sa

from app.models import MAX_ID, DeletedPost, User, utcnow
from tests.world import WorldCase, posts_on


class PostCase(WorldCase):
    def setUp(self):
        super().setUp()
        self.id, = self.wrote('john', 'hello')
        self.path = f'/post/{self.id}'


class Show(PostCase):
    def test_shows_one_post_to_everybody(self):
        self.assertEqual([self.id], posts_on(self.visitor.get(self.path).text))
        self.assertEqual([self.id], posts_on(self.log_in('susan').get(self.path).text))

    def test_names_the_address_of_the_site_whatever_host_was_asked(self):
        for path in (self.path, '/user/john'):
            page = self.visitor.get(path, headers={'Host': '127.0.0.1:9'}).text
            self.assertIn(f'<link rel="canonical" href="http://localhost:5000{path}">', page)
            self.assertIn(f'<meta property="og:url" content="http://localhost:5000{path}">', page)

    def test_offers_deletion_to_the_author_only(self):
        self.assertIn(f'{self.path}/delete', self.log_in('john').get(self.path).text)
        self.assertNotIn(f'{self.path}/delete', self.log_in('susan').get(self.path).text)
        self.assertNotIn(f'{self.path}/delete', self.visitor.get(self.path).text)

    def test_answers_404_for_what_is_no_post(self):
        for id in (0, 1, self.id + 1, MAX_ID, MAX_ID + 1, '9' * 300, '9' * 5000, '-1', '1.0', 'x', '١', '1e3', ' 1'):
            self.assertEqual(404, self.visitor.get(f'/post/{id}').status_code, str(id)[:20])

    def test_hides_the_posts_of_suspended_people(self):
        self.change('john', suspended_at=utcnow())
        self.assertEqual(404, self.visitor.get(self.path).status_code)
        self.assertEqual(404, self.log_in('susan').get(self.path).status_code)


class Delete(PostCase):
    def setUp(self):
        super().setUp()
        self.john = self.log_in('john')

    def test_asks_first_and_then_deletes(self):
        page = self.john.get(f'{self.path}/delete')
        self.assertIn('This cannot be undone', page.text)
        self.assertEqual(200, self.visitor.get(self.path).status_code)
        answer = self.john.submit(f'{self.path}/delete')
        self.assertEqual((302, '/user/john'), (answer.status_code, answer.location))
        self.assertEqual([], posts_on(self.visitor.get('/explore').text))
        self.assertEqual(0, self.value(sa.select(User.posts_count).where(User.username == 'john')))

    def test_leaves_410_for_everybody(self):
        self.john.submit(f'{self.path}/delete')
        for visitor in (self.visitor, self.john, self.log_in('susan')):
            answer = visitor.get(self.path)
            self.assertEqual(410, answer.status_code)
            self.assertIn('This post was deleted', answer.text)
        self.assertEqual(410, self.john.get(f'{self.path}/delete').status_code)
        self.assertEqual(410, self.john.submit(f'{self.path}/delete', page='/').status_code)

    def test_keeps_whose_it_was_and_where_and_nothing_else(self):
        self.john.submit(f'{self.path}/delete')
        self.assertEqual(self.id, self.value(sa.select(DeletedPost.id)))
        self.assertEqual({'id', 'user_id', 'deleted_at', 'parent_id', 'root_id', 'visibility'},
                         set(DeletedPost.__table__.columns.keys()))

    def test_needs_login(self):
        self.assertEqual(f'/auth/login?next={self.path}/delete', self.visitor.get(f'{self.path}/delete').location)
        answer = self.visitor.submit(f'{self.path}/delete', page='/auth/login')
        self.assertEqual((302, ['hello']), (answer.status_code, self.bodies()))

    def test_refuses_everybody_but_the_author(self):
        susan = self.log_in('susan')
        for answer in (susan.get(f'{self.path}/delete'), susan.submit(f'{self.path}/delete', page='/')):
            self.assertEqual((403, ['hello']), (answer.status_code, self.bodies()))
        self.assertIn('Only its author can delete a post.', answer.text)

    def test_answers_404_for_what_is_no_post(self):
        for id in (1, MAX_ID + 1, 'x'):
            self.assertEqual(404, self.john.submit(f'/post/{id}/delete', page='/').status_code)

    def test_answers_404_for_the_hidden_post_of_another(self):
        self.change('john', suspended_at=utcnow())
        susan = self.log_in('susan')
        self.assertEqual(404, susan.get(f'{self.path}/delete').status_code)
        self.assertEqual(404, susan.submit(f'{self.path}/delete', page='/').status_code)
