"""What a data set holds, before any database has it."""
import unittest
from itertools import chain

from app.models import Visibility, moment_of, utcnow
from app.services.tags import keys_of
from bench import echoes, posts, rows
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


MADE = ((rows.people, rows.PERSON), (rows.follows, rows.FOLLOW), (posts.posts, posts.POST),
        (echoes.mentions, echoes.MENTION), (echoes.tagged, echoes.POST_TAG), (echoes.likes, echoes.LIKE))


class Rows(unittest.TestCase):
    def test_are_the_same_each_time(self):
        for make, _columns in MADE:
            self.assertEqual(all_of(make(PLAN)), all_of(make(PLAN)))

    def test_fill_their_columns(self):
        for make, columns in MADE:
            self.assertEqual({len(columns)}, {len(row) for row in all_of(make(PLAN))})

    def test_posts_come_in_the_order_of_time_over_two_years(self):
        found = all_of(posts.posts(PLAN))
        ids = [post[0] for post in found]
        self.assertEqual(PLAN.posts, len(ids))
        self.assertEqual(sorted(set(ids)), ids)
        self.assertLess(rows.BEGIN, moment_of(ids[0]))
        self.assertLess(moment_of(ids[-1]), rows.END)
        for id, _body, timestamp, *_rest in found[::100]:
            self.assertEqual(f'{moment_of(id):%Y-%m-%d %H:%M:%S.%f}', timestamp)

    def test_few_write_much_and_many_write_little(self):
        authors = [post[3] for post in all_of(posts.posts(PLAN))]
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


class Talk(unittest.TestCase):
    def setUp(self):
        self.posts = [dict(zip(posts.POST, row, strict=True)) for row in all_of(posts.posts(PLAN))]
        self.by_id = {post['id']: post for post in self.posts}

    def of(self, column: str, id: int) -> list[dict]:
        return [post for post in self.posts if post[column] == id]

    def test_is_a_third_of_answers_and_a_fifth_of_reposts(self):
        for column, part in (('parent_id', 0.3), ('repost_of_id', 0.2)):
            number = len([post for post in self.posts if post[column] is not None])
            self.assertAlmostEqual(part, number / PLAN.posts, delta=0.01)

    def test_answers_and_reposts_are_about_older_posts_that_count_them(self):
        for post in self.posts:
            self.assertEqual(len(self.of('parent_id', post['id'])), post['replies_count'])
            self.assertEqual(len(self.of('repost_of_id', post['id'])), post['reposts_count'])
            about = self.by_id.get(post['parent_id'] or post['repost_of_id'])
            self.assertTrue(about is None or (about['id'] < post['id'] and about['repost_of_id'] is None))
            if post['parent_id'] is not None:
                self.assertEqual((about['user_id'], about['root_id'] or about['id']),
                                 (post['parent_author_id'], post['root_id']))
        pairs = [(post['repost_of_id'], post['user_id']) for post in self.posts if post['repost_of_id']]
        self.assertEqual(len(pairs), len(set(pairs)))

    def test_the_first_post_has_many_answers_and_is_liked_by_all(self):
        first = self.posts[0]
        self.assertGreaterEqual(first['replies_count'], PLAN.answers)
        self.assertEqual(PLAN.authors, first['likes_count'])
        self.assertEqual((1000, 10_000, 10_000), tuple(parse_size(name).answers for name in ('10k', '100k', '10M')))

    def test_somebody_writes_a_hundredth_of_all_for_their_followers(self):
        written = self.of('user_id', PLAN.hidden_id)
        self.assertEqual(PLAN.posts // 100, len(written))
        self.assertEqual({Visibility.PUBLIC}, {post['visibility'] for post in written})
        narrow = [post for post in all_of(posts.posts(Plan(5000))) if post[5] == Visibility.FOLLOWERS]
        self.assertEqual(20, len(narrow))

    def test_likes_and_mentions_and_tags_are_those_of_the_posts(self):
        likes = [(person, post) for person, post, _when in all_of(echoes.likes(PLAN))]
        self.assertEqual(len(likes), len(set(likes)))
        self.assertEqual(sum(post['likes_count'] for post in self.posts), len(likes))
        for post, person, author in all_of(echoes.mentions(PLAN)):
            self.assertTrue(self.by_id[post]['body'].startswith('@'))
            self.assertEqual((self.by_id[post]['parent_author_id'], self.by_id[post]['user_id']), (person, author))
        keys = dict(chain.from_iterable(echoes.tags()))
        for tag, post in all_of(echoes.tagged(PLAN)):
            self.assertEqual({keys[tag]}, keys_of(self.by_id[post]['body']))

    def test_readers_were_told_much_of_the_last_weeks_and_nothing_twice(self):
        told = all_of(echoes.notifications(PLAN, [post['id'] for post in self.posts[-100:]], utcnow()))
        self.assertEqual(echoes.MANY, len([row for row in told if row[1] == PLAN.readers[0].id]))
        self.assertEqual(len(told), len({row[1:5] for row in told}))
        self.assertFalse([row for row in told if row[1] == row[3]])
