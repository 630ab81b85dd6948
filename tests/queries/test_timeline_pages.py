"""What a timeline shows, how many statements it takes, and what it must not be misled by."""
from contextlib import contextmanager
from functools import partial
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Block, Post, Tag, User, Visibility, post_tag, utcnow
from app.queries import home as homes
from app.queries import tags, timelines
from tests.queries.base import QueryTestCase, add_person, add_posts
from tests.world import only_on

MINUTE = 60_000 << 16
START = 1_700_000_000_000 << 16


def id_of(number: int) -> int:
    return START + number * MINUTE


class Timelines(QueryTestCase):
    def setUp(self):
        super().setUp()
        self.susan, self.john, self.mary = (add_person(name) for name in ('susan', 'john', 'mary'))
        self.susan.follow(self.john)
        db.session.commit()

    def write(self, author: User, *numbers: int) -> None:
        add_posts([(id_of(number), author.id) for number in numbers])
        db.session.commit()

    def numbers(self, page: timelines.Page) -> list[int]:
        return [(post.id - START) // MINUTE for post in page.posts]

    def older_than(self, page: timelines.Page) -> list[int]:
        """What susan finds on her home behind a page, post by post."""
        seen = []
        while page.older is not None:
            page = timelines.home(self.susan, page.older, None, 1)
            seen += self.numbers(page)
        return seen

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

    def test_what_is_deleted_between_two_statements_hides_and_doubles_nothing_else(self):
        self.enterContext(mock.patch.multiple(timelines, FEW=4, MANY=8))
        self.enterContext(mock.patch.multiple(tags, HIDDEN=6))
        self.enterContext(mock.patch.multiple(homes, AHEAD=4))
        lists = {'explore': partial(timelines.explore, self.susan), 'tag': partial(tags.page, self.susan, 'tea'),
                 'home': partial(timelines.home, self.susan)}
        for name, read in lists.items():
            for place in range(1, 8):
                self.renew_with_hidden_posts(Visibility.UNLISTED if name == 'tag' else Visibility.PUBLIC)
                with self.subTest(name, place=place):
                    with self.deleting(id_of(10), place):
                        page = read(None, None, 1)
                    seen = self.numbers(page)
                    while page.older is not None:
                        page = read(page.older, None, 1)
                        seen += self.numbers(page)
                    self.assertEqual([2, 1], seen)

    def renew_with_hidden_posts(self, visibility: Visibility) -> None:
        """Two posts of john's about tea, behind eight that are on none of susan's lists."""
        for model in (Post, Tag):
            db.session.execute(sa.delete(model))
        db.session.add(tag := Tag(key='tea'))
        self.write(self.john, *range(1, 11))
        db.session.execute(sa.update(Post).where(Post.id > id_of(2)).values(
            parent_id=1, root_id=1, parent_author_id=self.mary.id, visibility=visibility))
        tagged = [{'tag_id': tag.id, 'post_id': id_of(number)} for number in range(1, 11)]
        db.session.execute(sa.insert(post_tag), tagged)
        db.session.commit()

    @contextmanager
    def deleting(self, id: int, place: int):
        """Before the statement in this place somebody else deletes a post."""
        count = 0

        def listen(connection, *_args):
            nonlocal count
            count += 1
            if count == place:
                connection.execute(sa.delete(Post).where(Post.id == id))
        sa.event.listen(db.engine, 'before_cursor_execute', listen)
        try:
            yield
        finally:
            sa.event.remove(db.engine, 'before_cursor_execute', listen)

    @only_on('mysql')  # elsewhere one statement reads the heads and their posts
    def test_a_head_deleted_between_two_statements_hides_nobody_else(self):
        self.susan.follow(self.mary)
        self.write(self.john, 1, 9)
        self.write(self.mary, 8)
        self.write(self.susan, 7)
        read = homes._rows

        def delete_and_read(*args, **values):
            db.session.execute(sa.delete(Post).where(Post.id == id_of(9)))
            return read(*args, **values)
        with mock.patch.object(homes, '_rows', delete_and_read):
            page = timelines.home(self.susan, None, None, 1)
        seen = self.numbers(page) + self.older_than(page)
        self.assertEqual([8, 7, 1], seen)

    @only_on('mysql')
    def test_a_head_deleted_between_two_statements_ends_nothing_where_few_are_followed(self):
        self.susan.follow(self.mary)
        stranger = add_person('stranger')
        self.write(self.john, 9)
        self.write(self.mary, 8, 7, 6, 5, 4, 3)
        db.session.execute(sa.update(Post).where(Post.id.in_([id_of(number) for number in (8, 7, 6)])).values(
            parent_id=1, root_id=1, parent_author_id=stranger.id))  # for the home of neither
        db.session.commit()
        read = homes._heads

        def read_and_delete(*args):
            nearest = read(*args)
            db.session.execute(sa.delete(Post).where(Post.id == id_of(9)))
            return nearest
        with mock.patch.object(homes, '_heads', read_and_delete):
            page = timelines.home(self.susan, None, None, 2)
        self.assertEqual(([5, 4], id_of(4)), (self.numbers(page), page.older))  # 3 is behind it

    @only_on('mysql')
    def test_a_head_deleted_between_two_statements_ends_and_hides_nothing_where_many_are_followed(self):
        others, stranger = [add_person(f'other{i}') for i in range(4)], add_person('stranger')
        for author in (self.mary, *others):
            self.susan.follow(author)
        read = homes._heads

        def read_and_delete(*args):
            nearest = read(*args)
            db.session.execute(sa.delete(Post).where(Post.id == id_of(20)))
            return nearest
        for of_mary, of_others, hidden, expected in (
                ((19, 18, 17, 16), (10, 9, 8), (18, 17), [19, 16, 10, 9, 8]),
                ((19,), (18, 17, 10, 9), (18, 17), [19, 10, 9])):
            for crowd in (512, 2):
                db.session.execute(sa.delete(Post))
                self.write(self.john, 20)
                self.write(self.mary, *of_mary)
                for author, number in zip(others, of_others, strict=False):
                    self.write(author, number)
                db.session.execute(sa.update(Post).where(Post.id.in_([id_of(number) for number in hidden])).values(
                    parent_id=1, root_id=1, parent_author_id=stranger.id))  # for the home of neither
                db.session.commit()
                with mock.patch.object(homes, 'CROWD', crowd):
                    with mock.patch.object(homes, '_heads', read_and_delete):
                        page = timelines.home(self.susan, None, None, 1)
                    seen = self.numbers(page) + self.older_than(page)
                self.assertEqual(expected, seen, crowd)
