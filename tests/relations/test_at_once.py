"""Blocking, following, asking and answering at one moment: one clean outcome, and exact counters."""
from app import db
from app.models import Block, FollowRequest, Mute, Notification, PrivateAccount, User, followers
from app.services import blocks, counters, mutes, people, requests
from tests.together import TogetherCase


class AtOnce(TogetherCase):
    def setUp(self):
        super().setUp()
        self.susan, self.john = (User, self.person('susan')), (User, self.person('john'))

    def assert_clean(self, follows: int, asks: int = 0) -> None:
        """So many follow and ask, and every counter says what its rows say."""
        self.assertEqual((follows, asks), (self.rows(followers), self.rows(FollowRequest)))
        with self.app.app_context():
            self.assertEqual([], [found for some in counters.check() for found in some])

    def test_who_blocks_is_followed_by_nobody_who_is_blocked(self):
        for _ in range(3):
            acts = [self.act(people.follow, self.john, self.susan), self.act(people.follow, self.susan, self.john)]
            acts += [self.act(blocks.block, self.susan, self.john)] * 2
            self.assertEqual([], self.together(*acts * 2))
            self.assert_clean(0)
            self.assertEqual((1, 0), (self.rows(Block), self.rows(Notification)))
            self.assertEqual([], self.together(*[self.act(blocks.unblock, self.susan, self.john)] * 2))
            self.assertEqual(0, self.rows(Block))

    def test_two_who_block_each_other_make_one_block(self):
        acts = [self.act(blocks.block, self.susan, self.john), self.act(blocks.block, self.john, self.susan)]
        self.assertEqual([], self.together(*acts * 4))
        self.assertEqual(1, self.rows(Block))

    def test_a_request_is_asked_and_answered_once(self):
        with self.app.app_context():
            db.session.add(PrivateAccount(user_id=self.susan[1]))
            db.session.commit()
        self.assertEqual([], self.together(*[self.act(people.follow, self.john, self.susan)] * 8))
        self.assert_clean(0, 1)
        accept, decline = (self.act(verb, self.susan, self.john) for verb in (requests.accept, requests.decline))
        self.assertEqual([], self.together(*[accept, decline, self.act(people.unfollow, self.john, self.susan)] * 2))
        self.assert_clean(self.rows(followers))
        self.assertLessEqual(self.rows(followers), 1)

    def test_muting_twice_is_once(self):
        act = self.act(lambda one, other: mutes.mute(one, other, None, True), self.susan, self.john)
        self.assertEqual([], self.together(*[act] * 8))
        self.assertEqual(1, self.rows(Mute))
