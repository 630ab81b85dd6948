"""How posts come into the index that were there before it, and what a shell can do about it."""
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import HiddenFromSearch, Post, SearchProgress, post_search, utcnow
from app.search import embedded, engine
from app.search.embedded import filling
from app.tasks import periodic
from tests.base import make_post, make_user
from tests.queries.base import QueryTestCase


class FillingCase(QueryTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(filling, 'AT_ONCE', 3))
        filling._full.clear()
        self.addCleanup(filling._full.clear)
        self.susan = make_user('susan')
        self.ids = [make_post(self.susan, f'moss {number}').id for number in range(8)]

    def empty(self) -> None:
        """As it is after an upgrade."""
        db.session.execute(sa.delete(post_search))
        db.session.commit()

    def indexed(self) -> list[int]:
        return list(db.session.scalars(sa.select(post_search.c.post_id).order_by(post_search.c.post_id)))

    def total(self) -> int:
        return Post.search('moss')[1]


class ByItself(FillingCase):
    def test_everything_comes_in_the_newest_first_and_is_looked_for_no_more(self):
        self.empty()
        self.assertIn('fill_search', periodic)
        self.assertEqual('filling', embedded.state())
        filling.fill_search()
        db.session.commit()
        self.assertEqual(self.ids[-3:], self.indexed())
        self.run_tasks()
        self.assertEqual((self.ids, 8), (self.indexed(), self.total()))
        self.assertEqual('ok', embedded.state())
        with self.statements() as seen:
            self.assertEqual('ok', embedded.state())
            filling.fill_search()
        self.assertEqual([], [statement for statement in seen if 'FROM post ' in statement])

    def test_posts_that_are_written_meanwhile_come_in_once(self):
        self.empty()
        filling.fill_search()
        db.session.commit()
        later = make_post(self.susan, 'moss later').id
        self.run_tasks()
        self.assertEqual([*self.ids, later], self.indexed())

    def test_a_step_that_is_lost_is_taken_again(self):
        self.empty()
        filling.fill_search()
        db.session.rollback()
        self.assertEqual([], self.indexed())
        filling.fill_search()
        db.session.commit()
        self.run_tasks()
        self.assertEqual(self.ids, self.indexed())

    def test_with_another_engine_nothing_is_filled_and_all_is_when_it_goes(self):
        filling.fill_search()
        self.run_tasks()
        self.empty()
        with mock.patch.object(filling, 'engine', return_value=mock.Mock(__name__='app.search.elastic')):
            filling.fill_search()
        db.session.commit()
        self.assertEqual(0, self.value_of_rows())
        filling.fill_search()
        db.session.commit()
        self.run_tasks()
        self.assertEqual(self.ids, self.indexed())

    def value_of_rows(self) -> int:
        return db.session.scalar(sa.select(sa.func.count()).select_from(SearchProgress))

    def test_whoever_is_hidden_stays_out(self):
        self.empty()
        db.session.add(HiddenFromSearch(user_id=self.susan.id))
        db.session.commit()
        filling.fill_search()
        self.run_tasks()
        self.assertEqual([], self.indexed())


class FromAShell(FillingCase):
    def flask(self, *arguments: str, code: int = 0) -> str:
        result = self.app.test_cli_runner().invoke(args=['search', *arguments])
        self.assertEqual(code, result.exit_code, f'{result.output}{result.exception}')
        return result.output

    def test_status_names_the_engine_and_what_it_has(self):
        said = self.flask('status')
        self.assertRegex(said, r'engine: +embedded \(\w+\)')
        self.assertRegex(said, r'in the index: +8')

    def test_check_finds_what_is_missing_and_what_is_too_much(self):
        self.assertIn('All 8 posts', self.flask('check'))
        db.session.execute(sa.delete(post_search).where(post_search.c.post_id == self.ids[3]))
        john = make_user('john')
        hidden = make_post(john, 'moss').id
        db.session.add(HiddenFromSearch(user_id=john.id))
        db.session.commit()
        said = self.flask('check', code=1)
        self.assertIn(f'{self.ids[3]}: missing', said)
        self.assertIn(f'{hidden}: should not be there', said)
        self.assertIn('1 missing, 1 too many', said)

    def test_check_finds_other_words_than_the_posts(self):
        make_post(self.susan, 'a ☕ Ёлка 山田 a https://example.com @susan ' + 'b ' * 200)
        self.assertIn('All 9 posts', self.flask('check'))
        db.session.execute(sa.update(Post).where(Post.id == self.ids[3]).values(body='wall'))
        db.session.execute(sa.update(post_search).where(post_search.c.post_id == self.ids[5]).values(words=['wall']))
        db.session.commit()
        said = self.flask('check', code=1)
        self.assertEqual([f'{self.ids[number]}: should not be there' for number in (3, 5)], said.splitlines()[:2])
        self.flask('rebuild')
        self.assertIn('All 9 posts', self.flask('check'))

    def test_rebuild_writes_everything_anew(self):
        db.session.execute(sa.update(post_search).values(words=['wrong']))
        db.session.commit()
        self.assertEqual(0, self.total())
        self.assertIn('8 posts are in the index', self.flask('rebuild'))
        self.assertEqual(8, self.total())
        self.assertIn('All 8 posts', self.flask('check'))
        self.assertEqual('ok', embedded.state())

    def test_one_that_was_broken_off_goes_on_where_it_was(self):
        steps = engine().rebuild()
        self.assertEqual((3, 8), next(steps))
        db.session.commit()
        steps.close()
        db.session.execute(sa.update(post_search).values(words=['wrong']))
        db.session.commit()
        self.assertEqual((6, 8), next(engine().rebuild()))
        db.session.rollback()
        self.flask('rebuild')
        self.assertEqual(5, self.total())
        self.flask('rebuild')
        self.assertEqual(8, self.total())

    def test_an_empty_site_has_nothing_to_do(self):
        db.session.execute(sa.delete(Post))
        db.session.commit()
        self.assertIn('0 posts', self.flask('rebuild'))
        self.assertIn('All 0 posts', self.flask('check'))

    def test_the_tutorials_search_finds_what_everybody_may_see(self):
        john = make_user('john')
        for number in range(2):
            make_post(john, f'moss {number}')
        john.suspended_at = utcnow()
        db.session.commit()
        found, total = Post.search('moss', 1, 3)
        self.assertEqual((self.ids[:-4:-1], 8), ([post.id for post in found], total))
        db.session.add(HiddenFromSearch(user_id=self.susan.id))
        db.session.commit()
        self.assertEqual(0, self.total())

    def test_the_tutorials_reindex_is_a_rebuild(self):
        self.empty()
        Post.reindex()
        self.assertEqual(8, self.total())
