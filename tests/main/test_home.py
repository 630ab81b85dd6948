"""What home leaves out, and what it folds into one entry."""
import html
import re

from app import db
from app.models import Post
from app.services import engagement
from tests.base import make_post
from tests.world import WorldCase, link, posts_on


class Home(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        for name in ('john', 'mary', 'stranger'):
            self.person(name)
        self.follows('susan', 'john', 'mary')

    def write(self, name: str, body: str, parent: int | None = None) -> int:
        with self.app.app_context():
            found = db.session.get(Post, parent) if parent else None
            return make_post(self.find(name), body, parent=found).id

    def test_leaves_out_answers_to_people_one_does_not_follow(self):
        strange, known, own = self.write('stranger', 'a'), self.write('mary', 'b'), self.write('susan', 'c')
        shown = [known, own, self.write('john', 'to a friend', known), self.write('john', 'to me', own),
                 self.write('susan', 'mine to a stranger', strange)]
        self.write('john', 'to a stranger', strange)
        self.write('stranger', 'from a stranger', own)
        self.assertEqual(shown[::-1], posts_on(self.susan.get('/').text))

    def test_walks_over_all_that_is_wanted_once_however_much_is_not(self):
        strange = self.write('stranger', 'a')
        wanted = []
        for number in range(9):
            for _time in range(40 if number == 4 else 3):
                self.write('john', 'to a stranger', strange)
            wanted.append(self.write('john', 'a post'))
        self.app.config['POSTS_PER_PAGE'], kept = 2, self.app.config['POSTS_PER_PAGE']
        self.addCleanup(self.app.config.__setitem__, 'POSTS_PER_PAGE', kept)
        seen, path = [], '/'
        while path:
            with self.statements() as statements:
                page = self.susan.get(path).text
            self.assertLessEqual(len(statements), 8)
            seen += posts_on(page)
            path = link(page, 'next')
        self.assertEqual(wanted[::-1], seen)

    def test_folds_a_run_of_somebodys_own_thread(self):
        first = last = self.write('john', 'one')
        between = self.write('mary', 'between')
        for number in range(7):
            last = self.write('john', f'more {number}', last)
        page = self.susan.get('/').text
        self.assertEqual([first, between], posts_on(page))
        self.assertIn(f'<a class="small" href="/post/{first}">Show 7 more</a>', page)
        self.assertIn(f'data-also="{last} ', page)
        self.assertEqual(8, len([id for id in posts_on(self.susan.get(f'/post/{first}').text) if id != between]))

    def test_folds_reposts_of_one_post_with_their_names(self):
        far, near = self.write('stranger', 'far'), self.write('john', 'near')
        self.pass_on(far, 'john', 'mary')
        self.pass_on(near, 'mary')
        self.assertEqual(2, len(posts_on(self.susan.get('/').text)))
        self.assertEqual(['mary reposted', 'mary and john reposted'], self.vias())

    def test_joins_the_names_as_the_language_of_the_page_does_it(self):
        self.person('layla')
        self.follows('susan', 'layla')
        self.pass_on(self.write('stranger', 'far'), 'john', 'mary', 'layla')
        self.assertEqual(['layla, mary and john reposted'], self.vias())
        self.change('susan', language='zh')
        self.assertEqual(['layla、mary 和 john 转发了'], self.vias())

    def vias(self) -> list[str]:
        """What stands above the posts of home."""
        lines = re.findall('<p class="via">(.*?)</p>', self.susan.get('/').text)
        return [html.unescape(re.sub('<[^>]+>', '', line)) for line in lines]

    def pass_on(self, id: int, *names: str) -> None:
        with self.app.app_context():
            for name in names:
                engagement.repost(self.find(name), db.session.get(Post, id))
                db.session.commit()
