"""What a data set holds, before any database has it."""
import unittest
from itertools import chain

from app.models import moment_of
from bench import rows
from bench.plan import Plan, parse_size

PLAN = Plan(2000)


def all_of(blocks) -> list[tuple]:
    return list(chain.from_iterable(blocks))


class Plans(unittest.TestCase):
    def test_are_named_as_they_are_written(self):
        for name in ('500', '10k', '100k', '1M', '10M'):
            self.assertEqual(name, parse_size(name).name)

    def test_refuse_what_is_no_size(self):
        for text in ('', '0', '10m', '1.5k', '-1', 'k', '100000000'):
            with self.assertRaises(ValueError):
                parse_size(text)

    def test_grow_in_proportion_and_have_enough_people_for_every_reader(self):
        self.assertEqual(100_000, parse_size('10M').authors)
        for name in ('10k', '100k', '1M', '10M'):
            self.assertEqual(15, len(parse_size(name).readers))
        self.assertEqual({0, 10, 200}, {reader.follows for reader in Plan(500).readers})


class Rows(unittest.TestCase):
    def test_are_the_same_each_time(self):
        for make in (rows.people, rows.follows, rows.posts):
            self.assertEqual(all_of(make(PLAN)), all_of(make(PLAN)))

    def test_fill_their_columns(self):
        for make, columns in ((rows.people, rows.PERSON), (rows.follows, rows.FOLLOW), (rows.posts, rows.POST)):
            self.assertEqual({len(columns)}, {len(row) for row in all_of(make(PLAN))})

    def test_posts_come_in_the_order_of_time_over_two_years(self):
        posts = all_of(rows.posts(PLAN))
        ids = [post[0] for post in posts]
        self.assertEqual(PLAN.posts, len(ids))
        self.assertEqual(sorted(set(ids)), ids)
        self.assertLess(rows.BEGIN, moment_of(ids[0]))
        self.assertLess(moment_of(ids[-1]), rows.END)
        for id, _body, timestamp, _author, _language in posts[::100]:
            self.assertEqual(f'{moment_of(id):%Y-%m-%d %H:%M:%S.%f}', timestamp)

    def test_few_write_much_and_many_write_little(self):
        authors = [post[3] for post in all_of(rows.posts(PLAN))]
        busiest = rows.ranked(PLAN, 'posts')
        self.assertGreater(authors.count(busiest[0]), 40)
        self.assertLess(authors.count(busiest[-1]), 10)

    def test_readers_follow_as_many_as_their_name_says(self):
        found = all_of(rows.follows(PLAN))
        for reader in PLAN.readers:
            self.assertEqual(reader.follows, len([1 for follower, *_ in found if follower == reader.id]), reader.name)
        self.assertEqual(len(found), len({pair[:2] for pair in found}))
        self.assertFalse([1 for follower, followed, _ in found if follower == followed])

    def test_no_two_people_share_a_name(self):
        names = [person[2] for person in all_of(rows.people(PLAN))]
        self.assertEqual(PLAN.people, len(set(names)))
