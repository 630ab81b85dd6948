"""Timelines against a plain sort of everything."""
import os
import random
from datetime import timedelta
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import db
from app.models import MAX_ID, Post, User, first_id, utcnow
from app.queries import home as homes
from app.queries import timelines
from tests.queries.base import QueryTestCase, add_person

EXAMPLES = settings(max_examples=20 if os.environ.get('TEST_DATABASE_URL') else 50, deadline=None, derandomize=True,
                    suppress_health_check=list(HealthCheck))


@st.composite
def worlds(draw):
    """Sizes of a small site and the seed that fills it."""
    return {'people': draw(st.integers(1, 7)), 'posts': draw(st.integers(0, 40)), 'spread': draw(st.integers(1, 50)),
            'windows': draw(st.tuples(*[st.integers(1, 8)] * 2)), 'few': draw(st.integers(0, 6)),
            'many': draw(st.integers(0, 8)), 'count': draw(st.integers(1, 5)), 'ahead': draw(st.integers(1, 2)),
            'crowd': draw(st.sampled_from((2, 5, 512))), 'few_authors': draw(st.sampled_from((1, 4))),
            'near': draw(st.sampled_from((1, 3))), 'seed': draw(st.integers(0, 2**32))}


class Site:
    """A random site, and what its timelines must be."""

    def __init__(self, sizes: dict):
        self.random = random.Random(sizes['seed'])
        self.low_bits = self.random.sample(range(2**16), 2000)
        self.spread, self.count = sizes['spread'], sizes['count']
        self.people = [add_person(f'user{i}') for i in range(sizes['people'])]
        for person in self.people[1:]:
            if self.random.random() < 0.2:
                person.suspended_at = utcnow()
        self.viewer = self.people[0]
        for person in self.people[1:]:
            if self.random.random() < 0.6:
                self.viewer.follow(person)
        self.start = utcnow() - timedelta(days=1)
        for _i in range(sizes['posts']):
            self.add_post(self.random.randrange(self.spread))
        db.session.commit()

    def add_post(self, milliseconds: int) -> Post:
        """A post by somebody, often in the very millisecond of another."""
        moment = self.start + timedelta(milliseconds=milliseconds)
        id = first_id(moment) | self.low_bits.pop()
        post = Post(id=id, body='words', author=self.random.choice(self.people), timestamp=moment)
        db.session.add(post)
        db.session.flush()
        return post

    def change(self) -> None:
        """Somebody deletes, somebody posts something newer than everything."""
        posts = db.session.query(Post).all()
        if posts and self.random.random() < 0.5:
            db.session.delete(self.random.choice(posts))
        if self.random.random() < 0.5:
            self.spread += 1
            self.add_post(self.spread)
        db.session.commit()

    def home(self) -> list[int]:
        return self.ids(lambda post: post.author is self.viewer or self.viewer.is_following(post.author))

    def explore(self) -> list[int]:
        return self.ids(lambda post: True)

    def profile(self, user: User) -> list[int]:
        return self.ids(lambda post: post.author is user)

    def ids(self, belongs) -> list[int]:
        """What may be read and belongs there, by a plain sort."""
        posts = [post for post in db.session.query(Post).all() if post.author.suspended_at is None and belongs(post)]
        return sorted((post.id for post in posts), reverse=True)


def expected(ids: list[int], before: int | None, after: int | None, count: int) -> tuple:
    """(ids, newer, older) of a page of this list."""
    if after is not None:
        above = [id for id in ids if id > after]
        if len(above) > count:
            return _page(ids, len(above) - count, count)
        return _page(ids, 0, count)
    start = 0 if before is None else sum(id >= before for id in ids)
    return _page(ids, start if start < len(ids) else max(0, len(ids) - count), count)


def _page(ids: list[int], start: int, count: int) -> tuple:
    shown = ids[start:start + count]
    newer = shown[0] if start > 0 else None
    return shown, newer, shown[-1] if start + count < len(ids) else None


def as_tuple(page: timelines.Page) -> tuple:
    return [post.id for post in page.posts], page.newer, page.older


class TimelinesAgainstASort(QueryTestCase):
    def world(self, sizes: dict) -> Site:
        self.clear()
        wide = {'WINDOWS': sizes['windows'], 'MANY': sizes['many'], 'FEW': sizes['few'], 'AHEAD': sizes['ahead'],
                'CROWD': sizes['crowd'], 'FEW_AUTHORS': sizes['few_authors'], 'NEAR': sizes['near']}
        self.enterContext(mock.patch.multiple(homes, **wide, LITERALS=3))
        return Site(sizes)

    def lists(self, site: Site) -> list[tuple]:
        """(how to read a page, what it is of) for every kind of list."""
        user = site.people[-1]
        return [(lambda *cursor: timelines.home(site.viewer, *cursor), site.home),
                (lambda *cursor: timelines.explore(None, *cursor), site.explore),
                (lambda *cursor: timelines.explore(site.viewer, *cursor), site.explore),
                (lambda *cursor: timelines.profile(site.viewer, user, *cursor), lambda: site.profile(user))]

    @EXAMPLES
    @given(worlds())
    def test_any_cursor_gives_the_exact_page(self, sizes):
        site = self.world(sizes)
        for read, all_ids in self.lists(site):
            ids = all_ids()
            around = [id + step for id in ids for step in (-1, 0, 1)]
            cursors = [0, MAX_ID, *site.random.sample(around, min(len(around), 6))]
            pairs = [(None, None), *((c, None) for c in cursors), *((None, c) for c in cursors)]
            for before, after in pairs:
                page = read(before, after, site.count)
                self.assertEqual(as_tuple(page), expected(ids, before, after, site.count), (before, after))
                self.assertEqual(page.is_empty, not ids)

    @EXAMPLES
    @given(worlds())
    def test_walking_misses_and_doubles_nothing_while_people_post_and_delete(self, sizes):
        site = self.world(sizes)
        for read, all_ids in self.lists(site):
            at_start = all_ids()
            seen: list[int] = []
            page = read(None, None, site.count)
            while True:
                seen += [post.id for post in page.posts]
                if page.older is None:
                    break
                older = page.older
                site.change()
                page = read(older, None, site.count)
                if page.posts and page.posts[0].id >= older:  # nothing is left below: the last page again
                    break
            self.assertEqual(seen, sorted(set(seen), reverse=True))
            self.assertLessEqual(set(seen), set(at_start))
            self.assertLessEqual(set(at_start) & set(all_ids()), set(seen))

    @EXAMPLES
    @given(worlds())
    def test_walking_up_again_shows_the_same_posts(self, sizes):
        site = self.world(sizes)
        for read, all_ids in self.lists(site):
            ids = all_ids()
            page = read(0, None, site.count)
            seen: list[int] = []
            while True:
                new = [post.id for post in page.posts if not seen or post.id > seen[0]]
                seen = new + seen
                if page.newer is None:
                    break
                page = read(None, page.newer, site.count)
            self.assertEqual(seen, ids)
