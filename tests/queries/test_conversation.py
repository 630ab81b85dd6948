"""Timelines with answers, reposts, reaches, blocks and mutes against a plain sort, walked both ways."""
import random
from datetime import timedelta
from functools import partial
from itertools import pairwise

from app import db
from app.models import Block, Mention, Mute, Post, User, Visibility, utcnow
from app.queries import timelines
from tests.queries.base import QueryTestCase, add_person

PEOPLE, POSTS, WALKS = 7, 60, 4


class Site:
    """A random site, and what may be read of it, said once more in plain words."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.people = [add_person(f'user{i}') for i in range(PEOPLE)]
        self.viewer = self.people[0]
        self.people[1].suspended_at = utcnow() if self.chance(0.3) else None
        self.followed = {(one, other) for one in self.people for other in self.people
                         if one is not other and self.chance(0.7)}
        for one, other in self.followed:
            one.follow(other)
        self.blocked = {person for person in self.people[2:] if self.chance(0.2)}
        self.muted = {person for person in self.people[2:] if self.chance(0.2)}
        pairs = [(self.viewer, one) if self.chance(0.5) else (one, self.viewer) for one in self.blocked]
        db.session.add_all(Block(blocker_id=one.id, blocked_id=other.id) for one, other in pairs)
        db.session.add_all(Mute(muter_id=self.viewer.id, muted_id=one.id) for one in self.muted)
        self.mentioning: set[int] = set()
        self.posts: list[Post] = []
        start = utcnow() - timedelta(days=1)
        for second in range(POSTS):
            self.posts.append(self.add_post(start + timedelta(seconds=second)))
        db.session.commit()

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def add_post(self, moment) -> Post:
        other = self.random.choice(self.posts) if self.posts else None
        values: dict = {'visibility': self.random.choice([0, 0, *Visibility])}
        if other is not None and other.repost_of_id is None and self.chance(0.5):
            values['repost_of' if self.chance(0.4) else 'parent'] = other
        author = self.random.choice(self.people)
        if other is not None and (author.id, other.id) in {(post.user_id, post.repost_of_id) for post in self.posts}:
            values.pop('repost_of', None)  # once is enough
        post = Post(user_id=author.id, timestamp=moment, **{'body': 'words', **values})
        db.session.add(post)
        db.session.flush()
        if author is not self.viewer and 'repost_of' not in values and self.chance(0.1):
            db.session.add(Mention(post_id=post.id, user_id=self.viewer.id, author_id=author.id))
            self.mentioning.add(post.id)
        return post

    def readable(self, viewer: User | None, post: Post) -> bool:
        original = next((one for one in self.posts if one.id == post.repost_of_id), post)
        return all(self.reaches(viewer, one) for one in (post, original))

    def reaches(self, viewer: User | None, post: Post) -> bool:
        if viewer is None:
            return post.author.suspended_at is None and post.visibility <= Visibility.UNLISTED
        if post.author is viewer:
            return True
        if post.author.suspended_at is not None or post.author in self.blocked:
            return False
        for_follower = post.visibility == Visibility.FOLLOWERS and (viewer, post.author) in self.followed
        return post.visibility <= Visibility.UNLISTED or post.id in self.mentioning or for_follower

    def home(self) -> list[int]:
        return self.ids(self.viewer, self.is_for_home)

    def is_for_home(self, post: Post) -> bool:
        heard = {person for person in self.people if (self.viewer, person) in self.followed}
        answered = next((one.author for one in self.posts if one.id == post.parent_id), post.author)
        original = next((one.author for one in self.posts if one.id == post.repost_of_id), post.author)
        comes = post.author is self.viewer or post.author in heard - self.muted
        concerns = post.author is self.viewer or answered in {self.viewer, post.author} | heard
        return comes and concerns and original not in self.muted

    def explore(self, viewer: User | None) -> list[int]:
        return self.ids(viewer, lambda post: post.visibility == Visibility.PUBLIC and post.parent_id is None
                        and post.repost_of_id is None and (viewer is None or post.author not in self.muted))

    def profile(self, viewer: User | None, user: User) -> list[int]:
        return self.ids(viewer, lambda post: post.author is user)

    def ids(self, viewer: User | None, belongs) -> list[int]:
        return sorted((post.id for post in self.posts if self.readable(viewer, post) and belongs(post)), reverse=True)


class ConversationAgainstASort(QueryTestCase):
    def test_every_list_is_whole_down_and_up(self):
        for seed in range(WALKS):
            self.clear()
            site = Site(seed)
            lists = [('home', partial(timelines.home, site.viewer), site.home())]
            for viewer in (site.viewer, None):
                lists += [('explore', partial(timelines.explore, viewer), site.explore(viewer))]
                lists += [(user.username, partial(timelines.profile, viewer, user), site.profile(viewer, user))
                          for user in site.people]
            for name, read, ids in lists:
                with self.subTest(seed=seed, name=name, count=len(ids)):
                    self.walk(read, ids, 3)

    def walk(self, read, ids: list[int], count: int) -> None:
        """Down page by page, and up again; no page on the way is a dead end."""
        down, page = [], read(None, None, count)
        while True:
            down += [post.id for post in page.posts]
            self.assertEqual(sorted(down, reverse=True), down)
            if page.older is None:
                break
            page = read(page.older, None, count)
        self.assertEqual(ids, down)
        up = {post.id for post in page.posts}
        cursors = [page.newer]
        while cursors[-1] is not None:
            page = read(None, cursors[-1], count)
            up |= {post.id for post in page.posts}
            cursors.append(page.newer)
        self.assertEqual({*ids}, up)
        self.assertTrue(all(one < other for one, other in pairwise(cursors[:-1])))
