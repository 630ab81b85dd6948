"""Private accounts: who would follow asks, and what is written reaches followers at most."""
import sqlalchemy as sa

from app import db, search
from app.models import FollowRequest, Post, PrivateAccount, Visibility, followers
from app.services import accounts, engagement, posts, private
from tests.relations.base import RelationCase
from tests.world import people_on, posts_on


class PrivateCase(RelationCase):
    def setUp(self):
        super().setUp()
        self.old, = self.wrote('susan', 'old words')

    def close(self) -> None:
        """Susan makes her account private."""
        with self.app.app_context():
            private.close(self.find('susan'))
            db.session.commit()
        self.run_tasks()

    def asked(self) -> set[tuple[str, str]]:
        return self.pairs(FollowRequest)

    def told(self, visitor) -> str:
        return ' '.join(self.look(visitor=visitor).partition('<main')[2].split())


class Writing(PrivateCase):
    def test_is_offered_for_followers_and_fewer_and_followers_are_chosen(self):
        self.assertIn('<option selected value="0">Everyone<', self.look('/'))
        other, = self.wrote('john', 'words')
        self.close()
        for path in ('/', '/post/new', '/welcome/post', f'/post/{other}', f'/post/{other}/reply'):
            page = self.look(path)
            self.assertIn('<option selected value="2">Followers<', page, path)
            self.assertNotIn('>Everyone<', page, path)
        self.assertIn('<option selected value="3">', self.susan.submit('/', post=' ', visibility='3').text)


class Asking(PrivateCase):
    def test_asks_waits_and_is_taken_back(self):
        self.close()
        self.assertIn('shows their posts only to followers they have accepted', self.look('/user/susan', self.john))
        for _ in range(2):
            page = self.john.submit('/follow/susan', page='/user/susan', follow=True).text
            self.assertIn('You asked to follow ', page)
            self.assertIn('Requested', page)
        self.assertEqual(({('john', 'susan')}, set()), (self.asked(), self.pairs(followers)))
        self.assertIn('Requested', self.look('/user/susan/popup', self.john))
        self.assertIn('asks to follow you', self.told(self.susan))
        self.john.submit('/unfollow/susan', page='/user/susan')
        self.assertEqual(set(), self.asked())
        self.assertNotIn('asks to follow you', self.told(self.susan))

    def test_is_accepted_and_twice_is_once(self):
        self.close()
        self.john.submit('/follow/susan', page='/user/susan')
        self.assertEqual(['john'], people_on(self.look('/follow_requests')))
        for _ in range(2):
            self.susan.submit('/follow_requests/john/accept', page='/follow_requests')
            self.assertEqual((set(), {('john', 'susan')}), (self.asked(), self.pairs(followers)))
        self.assertIn('lets you follow them', self.told(self.john))
        self.assertEqual([self.old], posts_on(self.look('/user/susan', self.john)))
        self.assertIn('Nobody asks to follow you', self.look('/follow_requests'))
        self.assert_counted()

    def test_shows_what_the_other_says_of_themselves_in_its_own_direction(self):
        self.close()
        self.john.submit('/edit_profile', about_me='أكتب عن البحر!', username='john')
        self.john.submit('/follow/susan', page='/user/susan')
        self.assertRegex(self.look('/follow_requests'), r'<p [^>]*dir="auto">أكتب عن البحر!</p>')

    def test_is_declined_and_they_do_not_learn_it(self):
        self.close()
        self.john.submit('/follow/susan', page='/user/susan')
        for _ in range(2):
            self.susan.submit('/follow_requests/john/decline', page='/follow_requests')
        self.assertEqual((set(), set()), (self.asked(), self.pairs(followers)))
        self.assertIn('Nothing has happened yet', self.told(self.john))
        self.assertEqual([], posts_on(self.look('/user/susan', self.john)))

    def test_answers_only_ones_own_requests(self):
        self.close()
        self.john.submit('/follow/susan', page='/user/susan')
        mary = self.log_in('mary')
        mary.submit('/follow_requests/john/accept', page='/about')
        self.assertEqual(({('john', 'susan')}, set()), (self.asked(), self.pairs(followers)))
        for act in ('accept', 'decline'):
            path = f'/follow_requests/john/{act}'
            self.assertEqual(405, self.susan.get(path).status_code)
            self.assertTrue(self.visitor.submit(path, page='/auth/login').location.startswith('/auth/login'))


class People(PrivateCase):
    """Who follows a private account, and whom it follows."""

    PATHS = '/user/{}/followers', '/user/{}/following'

    def test_are_shown_to_those_who_may_read_it(self):
        mary = self.log_in('mary')
        self.follow('mary', 'susan')
        self.close()
        for visitor in (self.susan, mary):
            for path in self.PATHS:
                self.assertEqual(200, visitor.get(path.format('susan')).status_code)
                self.assertIn(path.format('susan'), self.look('/user/susan', visitor))
        self.assertEqual(['mary'], people_on(self.look('/user/susan/followers')))

    def test_are_missing_for_others_who_see_how_many_there_are(self):
        self.person('mary')
        self.follow('mary', 'susan')
        self.assertEqual(200, self.john.get('/user/susan/followers').status_code)
        self.close()
        for visitor in (self.john, self.visitor):
            for path in self.PATHS:
                statuses = [visitor.get(path.format(name)).status_code for name in ('susan', 'nobody')]
                self.assertEqual([404, 404], statuses)
            for page in ('/user/susan', '/user/susan/popup'):
                text = self.look(page, visitor)
                self.assertIn('<b class="num">1</b> follower<', text)
                self.assertNotIn('/user/susan/follow', text)
            self.assertIn('shows their posts only to followers they have accepted', self.look('/user/susan', visitor))


class Switching(PrivateCase):
    def test_says_what_happens_narrows_what_was_written_and_what_is_written_then(self):
        self.follow('john', 'susan')
        self.assertIn('narrowed to your followers too: that cannot be undone', self.look('/settings/private'))
        self.assertEqual(0, self.rows(PrivateAccount))
        with self.app.app_context():
            parent = Post(author=self.find('john'), body='words')
            db.session.add(parent)
            db.session.commit()
            db.session.add(Post(author=self.find('susan'), body='an answer', parent=parent))
            db.session.commit()
        for _ in range(2):
            self.susan.submit('/settings/private')
        self.run_tasks()
        with self.app.app_context():
            posts.publish(self.find('susan'), 'new words')
            db.session.commit()
        self.assertEqual([Visibility.FOLLOWERS], self.reaches())
        self.assert_counted()
        counts = [len(posts_on(visitor.get('/user/susan').text)) for visitor in (self.john, self.visitor)]
        self.assertEqual([3, 0], counts)
        self.assertIn('Make public', self.look('/settings'))

    def test_is_found_and_passed_on_no_more_and_everything_is_counted(self):
        theirs, = self.wrote('john', 'his words')
        self.follow('susan', 'john')
        with self.app.app_context():
            john, susan = self.find('john'), self.find('susan')
            for actor, id in ((john, self.old), (susan, self.old), (susan, theirs)):
                engagement.repost(actor, db.session.get(Post, id))
            db.session.commit()
        self.assertIn(self.old, posts_on(self.look('/search?q=words', self.john)))
        self.close()
        with self.app.app_context():
            self.assertEqual([], [one for step in search.engine().check() for one in step.stray])
            passed_on = sa.select(Post.repost_of_id).where(Post.repost_of_id.is_not(None))
            self.assertEqual([theirs], list(db.session.scalars(passed_on)))
            self.assertEqual(0, db.session.get(Post, self.old).reposts_count)
            self.assertEqual(0, db.session.get(Post, theirs).reposts_count)
        self.assert_counted()

    def test_what_it_passes_on_is_for_its_followers(self):
        theirs, = self.wrote('mary', 'her words')
        self.close()
        self.follow('john', 'mary')
        with self.app.app_context():
            self.find('john').follow(self.find('susan'))
            engagement.repost(self.find('susan'), db.session.get(Post, theirs))
            db.session.commit()
            self.assertEqual(0, db.session.get(Post, theirs).reposts_count)
        for visitor, names in ((self.john, ['susan']), (self.log_in('mary'), []), (self.visitor, [])):
            self.assertEqual(names, people_on(self.look(f'/post/{theirs}/reposts', visitor)))
        self.assertNotIn('reposted', self.told(self.log_in('mary')))
        self.assert_counted()
        with self.app.app_context():
            accounts.delete(self.find('mary'))
            db.session.commit()
            self.assertIsNone(db.session.scalar(sa.select(Post.id).where(Post.repost_of_id.is_not(None))))

    def test_back_lets_in_who_asks_and_leaves_posts_as_they_are(self):
        self.close()
        self.john.submit('/follow/susan', page='/user/susan')
        self.log_in('mary').submit('/follow/susan', page='/user/susan')
        self.assertIn('those who ask at the moment are let in', self.look('/settings/public'))
        for _ in range(2):
            self.susan.submit('/settings/public')
        self.run_tasks()
        self.assertEqual((set(), {('john', 'susan'), ('mary', 'susan')}, 0), (
            self.asked(), self.pairs(followers), self.rows(PrivateAccount)))
        self.assertEqual([Visibility.FOLLOWERS], self.reaches())
        self.assert_counted()

    def reaches(self) -> list[int]:
        """How far Susan's posts reach."""
        with self.app.app_context():
            reach = sa.select(Post.visibility).where(Post.user_id == self.susan_id).distinct()
            return list(db.session.scalars(reach))

    def test_goes_on_where_there_is_more(self):
        kept = private.POSTS_AT_ONCE, private.PEOPLE_AT_ONCE
        private.POSTS_AT_ONCE = private.PEOPLE_AT_ONCE = 1
        self.addCleanup(setattr, private, 'POSTS_AT_ONCE', kept[0])
        self.addCleanup(setattr, private, 'PEOPLE_AT_ONCE', kept[1])
        self.wrote('susan', *'abc')
        self.close()
        self.assertEqual([Visibility.FOLLOWERS], self.reaches())
        self.assert_counted()
