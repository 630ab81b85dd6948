"""What a timeline shows, how many statements it takes, and what it must not be misled by."""
from unittest import mock

from app import db
from app.models import Block, User, utcnow
from app.queries import home as homes
from app.queries import timelines
from tests.queries.base import TimelineCase, add_person, add_posts, id_of
from tests.world import only_on


class Timelines(TimelineCase):
    def test_home_shows_own_and_followed_posts_newest_first(self):
        self.write(self.susan, 1)
        self.write(self.john, 2)
        self.write(self.mary, 3)
        self.assertEqual([2, 1], self.numbers(timelines.home(self.susan, None, None, 5)))
        self.assertEqual([3, 2, 1], self.numbers(timelines.explore(None, None, None, 5)))
        self.assertEqual([2], self.numbers(timelines.profile(None, self.john, None, None, 5)))

    def test_suspended_people_are_left_out_for_others(self):
        self.write(self.john, 1)
        self.write(self.mary, 2)
        self.john.suspended_at = utcnow()
        db.session.commit()
        self.assertTrue(timelines.home(self.susan, None, None, 5).is_empty)
        self.assertEqual([2], self.numbers(timelines.explore(self.susan, None, None, 5)))
        self.assertTrue(timelines.profile(None, self.john, None, None, 5).is_empty)
        self.assertEqual([1], self.numbers(timelines.profile(self.john, self.john, None, None, 5)))

    def test_a_closed_site_shows_strangers_nothing(self):
        self.write(self.john, 1)
        self.app.config['SITE_CLOSED'] = True
        self.addCleanup(self.app.config.update, SITE_CLOSED=False)
        self.assertTrue(timelines.explore(None, None, None, 5).is_empty)
        self.assertTrue(timelines.profile(None, self.john, None, None, 5).is_empty)
        self.assertEqual([1], self.numbers(timelines.explore(self.susan, None, None, 5)))

    def test_explore_stops_in_many_posts_of_a_suspended_person_and_goes_on_from_there(self):
        self.write(self.mary, 1, 2, 100)
        self.write(self.john, *range(3, 100))
        self.john.suspended_at = utcnow()
        db.session.commit()
        self.enterContext(mock.patch.multiple(timelines, FEW=4, MANY=16))
        page, seen, pages = timelines.explore(None, None, None, 2), [], 1
        while page.older is not None:
            seen += self.numbers(page)
            page = timelines.explore(None, page.older, None, 2)
            pages += 1
        self.assertEqual([100, 2, 1], seen + self.numbers(page))
        self.assertLessEqual(pages, 5)
        self.assertIsNotNone(page.newer)

    def test_explore_leads_to_nothing_newer_where_all_that_is_newer_is_hidden(self):
        self.write(self.mary, *range(1, 11))
        self.write(self.john, *range(11, 21))
        self.john.suspended_at = utcnow()
        db.session.commit()
        self.enterContext(mock.patch.multiple(timelines, FEW=4, MANY=8))
        page = timelines.explore(None, id_of(11), None, 5)
        self.assertEqual(([10, 9, 8, 7, 6], None, id_of(6)), (self.numbers(page), page.newer, page.older))

    def test_home_ends_where_only_answers_to_strangers_are_older(self):
        self.write(self.john, *range(1, 20))
        self.answer_mary(*range(1, 7))
        page = timelines.home(self.susan, id_of(7), None, 2)
        self.assertEqual(([8, 7], id_of(8), None), (self.numbers(page), page.newer, page.older))

    def test_a_page_is_read_with_few_statements_and_its_authors_with_it(self):
        self.write(self.susan, *range(0, 60, 2))
        self.write(self.john, *range(1, 60, 2))
        most = 5 if db.engine.dialect.name == 'mysql' else 4
        for few, window in ((0, 4096), (0, 2), (200, 4096)):
            with mock.patch.multiple(homes, FEW=few, WINDOWS=(window, window)):
                for cursors in ((None, None), (id_of(30), None), (None, id_of(10)), (None, id_of(57))):
                    db.session.commit()
                    susan = db.session.get(User, self.susan.id)
                    with self.statements() as seen:
                        page = timelines.home(susan, *cursors, 5)
                        names = {post.author.username for post in page.posts}
                    self.assertEqual({'susan', 'john'}, names)
                    self.assertLessEqual(len(seen), most, seen)
                    self.assertFalse([sql for sql in seen if 'OFFSET' in sql and db.engine.dialect.name != 'sqlite'])

    def test_one_who_writes_ten_times_as_much_as_all_others_hides_none_of_them(self):
        others = [add_person(f'other{i}') for i in range(15)]
        for other in others:
            self.susan.follow(other)
        add_posts([(id_of(i), other.id) for i, other in enumerate(others)])
        self.write(self.john, *range(15, 115))
        self.enterContext(mock.patch.object(homes, 'CROWD', 50))
        expected = [*reversed(range(115))]
        seen, page = [], None
        while page is None or page.older is not None:
            with self.statements() as statements:
                page = timelines.home(self.susan, page and page.older, None, 5)
            self.assertLessEqual(len(statements), 5 if db.engine.dialect.name == 'mysql' else 4, statements)
            seen += self.numbers(page)
        self.assertEqual(expected, seen)

    @only_on('mysql')
    def test_a_deep_page_is_looked_for_where_it_should_lie(self):
        others = self.follow_others(5)
        for number in range(200):
            self.write(others[number % 5], number)
            self.counted(others[number % 5])
        reader = db.session.get(User, self.susan.id)
        for before, after, expected in ((100, None, [99, 98, 97, 96, 95]), (None, 100, [105, 104, 103, 102, 101]),
                                        (3, None, [2, 1, 0])):
            with self.statements() as seen:
                page = timelines.home(reader, before and id_of(before), after and id_of(after), 5)
            self.assertEqual(expected, self.numbers(page))
            self.assertEqual(2, len(seen), seen)

    @only_on('mysql')
    def test_who_is_suspended_or_blocked_is_on_no_deep_page_and_hides_nobody(self):
        suspended, blocked, *others = self.follow_others(6)
        self.write(others[0], *range(40))
        self.write(suspended, *range(40, 80, 2))
        self.write(blocked, *range(41, 80, 2))
        self.write(others[1], *range(80, 120))
        suspended.suspended_at = utcnow()
        db.session.add(Block(blocker_id=self.susan.id, blocked_id=blocked.id))
        self.counted(others[0], 200)
        page = timelines.home(self.susan, id_of(82), None, 5)
        self.assertEqual([81, 80, 39, 38, 37], self.numbers(page))
        page = timelines.home(self.susan, None, id_of(38), 5)
        self.assertEqual([83, 82, 81, 80, 39], self.numbers(page))

    @only_on('mysql')
    def test_a_page_that_lies_elsewhere_is_found_all_the_same(self):
        others = self.follow_others(5)
        self.write(others[0], *range(10), 5000)
        for guessed, crowd in ((1, 512), (10**6, 512), (100, 3)):
            self.counted(others[0], guessed)
            with mock.patch.object(homes, 'CROWD', crowd):
                page = timelines.home(db.session.get(User, self.susan.id), id_of(4000), None, 5)
            self.assertEqual(([9, 8, 7, 6, 5], id_of(9), id_of(5)), (self.numbers(page), page.newer, page.older))

    def follow_others(self, number: int) -> list[User]:
        others = [add_person(f'other{i}') for i in range(number)]
        for other in others:
            self.susan.follow(other)
        db.session.commit()
        return others

    def counted(self, author: User, posts: int = 1) -> None:
        """Let somebody count so many posts of theirs more."""
        author.posts_count += posts
        db.session.commit()

    @only_on('postgresql')
    def test_the_driver_keeps_the_longest_statement_as_the_server_gets_it(self):
        from psycopg._queries import _query2pg
        self.write(self.john, 1)
        timelines.home(self.susan, None, None, 25)
        before = _query2pg.cache_info()
        with self.statements() as seen:
            timelines.home(self.susan, None, None, 25)
        after = _query2pg.cache_info()
        self.assertGreater(max(map(len, seen)), 4096)
        self.assertEqual((len(seen), 0), (after.hits - before.hits, after.misses - before.misses))

    def test_who_follows_many_has_the_page_filled_from_a_window_twice_as_large_before_all_are_asked(self):
        self.write(self.john, *range(1, 60, 8))
        self.write(self.mary, *[number for number in range(60) if number % 8 != 1])
        reader = db.session.get(User, self.susan.id)
        for window, expected in ((32, 1), (16, 2)):
            with mock.patch.multiple(homes, FEW=0, WINDOWS=(window, window)), self.statements() as seen:
                page = timelines.home(reader, None, None, 2)
            self.assertEqual([57, 49], self.numbers(page))
            self.assertEqual(expected, len([sql for sql in seen if 'looked_at' in sql]), seen)
            self.assertFalse([sql for sql in seen if 'heads' in sql or 'nearest' in sql])
