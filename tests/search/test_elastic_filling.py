"""An index is filled beside the one that is asked, takes its place in one step, and is compared with the table."""
from unittest import mock

from app import db
from app.models import HiddenFromSearch, SearchProgress
from app.search import SearchDown, elastic
from app.search.elastic import checking, documents, filling
from tests.search.elastic_case import ElasticCase


class FillingCase(ElasticCase):
    def setUp(self):
        super().setUp()
        step = mock.patch.object(filling, 'AT_ONCE', 3)
        step.start()
        self.addCleanup(step.stop)
        self.ids = self.wrote('susan', *(f'joy {n}' for n in range(10)))
        self.catch_up()

    def rebuild(self, meanwhile=lambda step: None, steps: int = 100) -> list[tuple[int, int]]:
        """Fill a new index, or the first steps of it; something may happen after each."""
        seen = []
        with self.app.app_context():
            walk = elastic.rebuild()
            for step in walk:
                db.session.commit()
                seen.append(step)
                meanwhile(len(seen))
                if len(seen) == steps:
                    walk.close()
                    return seen
            db.session.commit()
        self.refresh()
        return seen


class Rebuilding(FillingCase):
    def test_says_how_far_it_is_and_leaves_one_index(self):
        old = self.indexes().current
        self.assertEqual([(0, 10), (3, 10), (6, 10), (9, 10), (10, 10)], self.rebuild())
        there = self.indexes()
        self.assertEqual((None, [there.current.name]),
                         (there.coming, list(self.client.indices.get(index=f'{self.prefix}*'))))
        self.assertNotEqual(old.uuid, there.current.uuid)
        self.assertEqual(self.ids[::-1], self.found('joy'))
        self.assertIsNone(self.value(db.select(SearchProgress.name).limit(1)))

    def test_the_old_index_answers_until_the_new_one_is_full(self):
        def look(step):
            self.assertEqual(self.ids[::-1], self.found('joy'))
        self.rebuild(look)
        look(0)

    def test_what_is_written_and_deleted_meanwhile_is_in_the_new_index_too(self):
        new, gone = [], [self.ids[0], self.ids[-1]]

        def live(step):
            if step == 2:
                new.extend(self.wrote('susan', 'new joy'))
                self.delete(*gone)
                self.catch_up()
                self.assertEqual(new, self.found('new'))
        self.rebuild(live)
        self.assertEqual([*new, *self.ids[-2:0:-1]], self.found('joy'))

    def test_a_post_that_is_deleted_while_its_step_is_written_does_not_come_back(self):
        write, doomed = documents.write, self.ids[-1]

        def delete_first(client, targets, kept, removed):
            if doomed in kept and self.ids[-1] in self.found('joy'):
                with mock.patch.object(documents, 'write', write):
                    self.delete(doomed)
                    self.catch_up()
            return write(client, targets, kept, removed)
        with mock.patch.object(documents, 'write', delete_first):
            self.rebuild()
        self.assertEqual(self.ids[-2::-1], self.found('joy'))

    def test_after_an_interruption_it_goes_on_where_it_was(self):
        self.assertEqual([(0, 10), (3, 10), (6, 10)], self.rebuild(steps=3))
        new, = self.wrote('susan', 'new joy')
        self.catch_up()
        self.assertEqual([new], self.found('new'))
        self.assertEqual([(7, 11), (10, 11), (11, 11)], self.rebuild())
        self.assertEqual([new, *self.ids[::-1]], self.found('joy'))

    def test_after_the_new_index_was_deleted_it_begins_anew(self):
        self.rebuild(steps=3)
        self.client.indices.delete(index=self.indexes().coming.name)
        self.assertEqual([(0, 10), (3, 10), (6, 10), (9, 10), (10, 10)], self.rebuild())
        self.assertEqual(self.ids[::-1], self.found('joy'))

    def test_an_index_that_is_deleted_meanwhile_is_said_and_the_old_one_stays(self):
        def delete(step):
            if step == 2:
                self.client.indices.delete(index=self.indexes().coming.name)
        with self.assertRaisesRegex(SearchDown, 'gone'), self.quietly():
            self.rebuild(delete)
        self.assertEqual(self.ids[::-1], self.found('joy'))

    def test_two_at_once_do_no_harm(self):
        def second(step):
            if step == 3:
                self.rebuild()
        self.rebuild(second)
        self.assertEqual(self.ids[::-1], self.found('joy'))
        self.assertIsNone(self.indexes().coming)

    def test_who_is_not_to_be_found_is_left_out(self):
        self.hide('susan')
        self.assertEqual([(0, 0)], self.rebuild())
        self.assertEqual([], self.found('joy'))

    def test_a_lost_index_is_filled_in_its_place_a_step_each_minute(self):
        self.remove_indexes()
        with mock.patch.object(filling, 'LONGEST_STEP', -1):
            self.look_after()
            self.refresh()
            self.assertEqual(self.ids[:-4:-1], self.found('joy'))
            self.look_after()
            self.refresh()
            self.assertEqual(self.ids[:-7:-1], self.found('joy'))
        self.look_after()
        self.refresh()
        self.assertEqual((self.ids[::-1], None), (self.found('joy'), self.indexes().coming))

    def hide(self, username: str) -> None:
        with self.app.app_context():
            db.session.add(HiddenFromSearch(user_id=self.find(username).id))
            db.session.commit()


class Checking(FillingCase):
    def setUp(self):
        super().setUp()
        step = mock.patch.object(checking, 'STEP', 4)
        step.start()
        self.addCleanup(step.stop)

    def check(self) -> tuple[int, list[int], list[int]]:
        """How many posts were looked at, which are missing, and which are stray."""
        looked_at, missing, stray = 0, [], []
        with self.app.app_context():
            for found in elastic.check():
                db.session.commit()
                looked_at, missing, stray = looked_at + found.looked_at, missing + found.missing, stray + found.stray
        return looked_at, sorted(missing), sorted(stray)

    def test_finds_nothing_where_all_is_right(self):
        self.assertEqual((10, [], []), self.check())
        self.assertEqual([], self.waiting())

    def test_names_what_is_missing_and_stray_and_lets_it_be_set_right(self):
        missing, stray, changed = [self.ids[0], self.ids[9]], [self.ids[9] + 5, 7, self.ids[4] + 1], self.ids[5]
        with self.app.app_context():
            documents.write(self.client, [f'{self.prefix}.posts'],
                            {**dict.fromkeys(stray, 'joy'), changed: 'other words'}, missing)
        self.assertEqual((10, missing, sorted([*stray, changed])), self.check())
        self.catch_up()
        self.assertEqual((10, [], []), self.check())
        self.assertEqual(self.ids[::-1], self.found('joy'))

    def test_leaves_out_what_waits_to_be_indexed(self):
        self.wrote('susan', 'new joy')
        self.delete(self.ids[3])
        self.assertEqual((10, [], []), self.check())

    def test_of_a_lost_index_says_so(self):
        self.remove_indexes()
        with self.quietly(), self.assertRaises(SearchDown):
            self.check()

    def test_status_has_a_line_for_everything(self):
        self.wrote('susan', 'new joy')
        self.rebuild(steps=2)
        with self.app.app_context():
            lines = dict(elastic.status())
        self.assertRegex(lines['engine'], r'Elasticsearch [89]\.')
        self.assertEqual(('10', '11', '1', f'{self.prefix}.posts-2', 'ok'), (
            lines['in the index'], lines['posts'], lines['tasks waiting'], lines['being filled'], lines['state']))
