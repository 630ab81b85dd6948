"""`flask demo`: a lively site where nobody is yet, and nothing where somebody is."""
import sqlalchemy as sa

from app import db
from app.models import Like, Post, User
from app.services import counters
from tests.base import make_user
from tests.parts import once_only
from tests.world import WorldCase


@once_only
class Demo(WorldCase):
    def run_it(self, *arguments):
        return self.app.test_cli_runner().invoke(args=['demo', *arguments])

    def test_makes_people_and_posts_that_go_again(self):
        result = self.run_it('load', '--password', 'eight brown bottles')
        self.assertIn('30 people have written 600 posts', result.output)
        with self.app.app_context():
            self.assertEqual((30, 600), (self.rows(User), self.rows(Post)))
            languages = db.session.scalars(sa.select(Post.language).distinct()).all()
            self.assertEqual({'en', 'es', 'de', 'fr', 'ar', 'zh'}, set(languages))
            self.assertEqual(120, self.value(sa.select(sa.func.count()).where(Post.parent_id.is_not(None))))
            self.assertGreater(self.rows(Like), 200)
            self.assertFalse(any(counters.check()))
            db.session.rollback()
        visitor = self.new_visitor()
        visitor.submit('/auth/login', username='amelia', password='eight brown bottles')
        self.assertIn('<article', visitor.get('/').text)
        self.assertIn('there are people on this site already', self.run_it('load').output)
        self.assertIn('30 people are gone', self.run_it('remove').output)
        self.assertEqual((0, 0), (self.rows(User), self.rows(Post)))

    def test_leaves_a_site_with_people_alone(self):
        with self.app.app_context():
            make_user()
        self.assertEqual(1, self.run_it('load').exit_code)
        self.assertIn('0 people are gone', self.run_it('remove').output)
        self.assertEqual((1, 0), (self.rows(User), self.rows(Post)))
