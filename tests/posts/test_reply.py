"""Answering a post, who may, and changing that."""
import re
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Mention, Notification, Post, RepliesFrom, User, Visibility
from app.queries import threads
from app.services import posts, reach, replies
from tests.base import hidden_fields, make_post, make_user
from tests.together import TogetherCase
from tests.world import WorldCase, posts_on


class Reply(WorldCase):
    def setUp(self):
        super().setUp()
        self.id, = self.wrote('john', 'hello @mary')
        self.person('mary')
        with self.app.app_context():
            db.session.add(Mention(post_id=self.id, user_id=self.find('mary').id, author_id=self.find('john').id))
            db.session.commit()
        self.path = f'/post/{self.id}/reply'
        self.susan = self.log_in('susan')

    def post(self, **values) -> None:
        """Change the post that is answered."""
        with self.app.app_context():
            db.session.execute(sa.update(Post).where(Post.id == self.id).values(values))
            db.session.commit()

    def newest(self) -> Post:
        with self.app.app_context():
            return db.session.scalars(sa.select(Post).order_by(Post.id.desc())).first()

    def test_begins_with_those_it_is_for_and_leads_to_the_answer(self):
        self.assertIn('>\n@john @mary </textarea>', self.susan.get(self.path).text)
        answer = self.susan.submit(self.path, post='@john good morning')
        reply = self.newest()
        self.assertEqual((302, f'/post/{reply.id}'), (answer.status_code, answer.location))
        self.assertEqual((self.id, self.id), (reply.parent_id, reply.root_id))
        self.assertEqual(1, self.value(sa.select(Post.replies_count).where(Post.id == self.id)))
        self.assertEqual(['reply'], list(self.told('john')))
        page = self.visitor.get(f'/post/{self.id}').text
        self.assertEqual([self.id, reply.id], posts_on(page))
        self.assertIn(f'<article class="focus" id="post-{self.id}"', page)
        again = self.susan.submit(f'/post/{reply.id}/reply', post='and good night')
        self.assertEqual((302, self.id, reply.id), (again.status_code, self.newest().root_id, self.newest().parent_id))

    def told(self, username: str) -> list[str]:
        with self.app.app_context():
            user = self.find(username)
            return list(db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == user.id)))

    def test_is_offered_on_the_page_of_the_post_to_who_may(self):
        path = f'/post/{self.id}'
        page = self.susan.get(path).text
        self.assertIn(f'action="{self.path}"', page)
        self.assertIn('>\n@john @mary </textarea>', page)
        self.assertNotIn('</textarea>', self.visitor.get(path).text)
        self.post(visibility=Visibility.UNLISTED)
        self.assertNotIn('<option value="0">Everyone<', self.susan.get(path).text)
        self.post(replies_from=RepliesFrom.NOBODY)
        page = self.susan.get(path).text
        self.assertNotIn('</textarea>', page)
        self.assertIn('Nobody can reply to this post.', page)

    def test_needs_login_and_a_text_and_what_is_sent_twice_is_once(self):
        self.assertEqual(302, self.visitor.get(self.path).status_code)
        self.assertEqual(302, self.visitor.submit(self.path, page='/auth/login', post='no').status_code)
        self.assertIn('Write something first.', self.susan.submit(self.path, post=' ').text)
        fields = {**hidden_fields(self.susan.get(self.path).text), 'post': 'once'}
        self.assertEqual([302] * 3, [self.susan.post(self.path, fields).status_code for _time in range(3)])
        self.assertEqual(2, self.rows(Post))

    def test_is_refused_with_a_reason_unless_its_author_allows_it(self):
        allowed = {RepliesFrom.EVERYONE: {'susan', 'mary', 'fan', 'friend', 'john'},
                   RepliesFrom.FOLLOWERS: {'fan', 'john'}, RepliesFrom.FOLLOWED: {'friend', 'john'},
                   RepliesFrom.MENTIONED: {'mary', 'john'}, RepliesFrom.NOBODY: {'john'}}
        self.person('fan')
        self.person('friend')
        self.follows('fan', 'john')
        self.follows('john', 'friend')
        people = {name: self.log_in(name) for name in allowed[RepliesFrom.EVERYONE]}
        for replies_from, may in allowed.items():
            self.post(replies_from=replies_from)
            for name, visitor in people.items():
                answer = visitor.submit(self.path, page='/post/new', post='my own words')
                self.assertEqual(302 if name in may else 200, answer.status_code, (replies_from, name))
                if name not in may:
                    self.assertRegex(answer.text, 'can reply to this post')
                    self.assertIn('my own words</textarea>', answer.text)
                    self.assertRegex(visitor.get(self.path).text, 'can reply to this post')

    def test_is_at_most_as_wide_as_what_it_answers(self):
        self.follows('susan', 'john')
        for visibility in Visibility:
            self.post(visibility=visibility)
            if visibility != Visibility.MENTIONED:
                self.susan.submit(self.path, post=f'to {visibility.name}', visibility='0')
                self.assertEqual(visibility, self.newest().visibility)
        self.assertEqual(404, self.susan.get(self.path).status_code)
        self.post(visibility=Visibility.FOLLOWERS)
        self.assertRegex(self.susan.get(self.path).text, r'<option selected value="2">')

    def test_to_what_was_deleted_meanwhile_keeps_the_text_and_says_so(self):
        fields = {**hidden_fields(self.susan.get(self.path).text), 'post': 'a long thought'}
        self.log_in('john').submit(f'/post/{self.id}/delete')
        answer = self.susan.post(self.path, fields)
        self.assertEqual((410, 0), (answer.status_code, self.rows(Post)))
        self.assertIn('a long thought</textarea>', answer.text)
        self.assertIn('was deleted meanwhile', answer.text)

    def test_to_what_is_deleted_in_the_same_moment_keeps_the_text_too(self):
        fields = {**hidden_fields(self.susan.get(self.path).text), 'post': 'a long thought'}
        real = replies.reply

        def late(*args, **values):
            with self.app.app_context():
                posts.delete(self.find('john'), db.session.get(Post, self.id))
                db.session.commit()
            return real(*args, **values)
        with mock.patch.object(replies, 'reply', late):
            answer = self.susan.post(self.path, fields)
        self.assertEqual((410, 0), (answer.status_code, self.rows(Post)))
        self.assertIn('a long thought</textarea>', answer.text)
        self.assertIn('was deleted meanwhile', answer.text)

    def test_options_narrow_and_never_widen(self):
        john, path = self.log_in('john'), f'/post/{self.id}/options'
        self.susan.submit(self.path, post='an answer')
        answer = self.newest().id
        self.assertEqual(403, self.susan.get(path).status_code)
        self.assertEqual(403, self.susan.submit(path, page='/', visibility='3', replies_from='4').status_code)
        self.assertEqual(302, john.submit(path, visibility='2', replies_from='4').status_code)
        with self.app.app_context():
            post = db.session.get(Post, self.id)
            self.assertEqual((2, 4, 0), (post.visibility, post.replies_from, post.author.posts_count))
        self.assertEqual(200, john.submit(path, visibility='0', replies_from='0').status_code)
        self.assertNotIn('<option value="0">Everyone</option>', john.get(path).text)
        self.assertEqual(404, self.susan.get(f'/post/{self.id}').status_code)
        self.susan.submit(f'/post/{answer}/options', visibility='3', replies_from='0')
        self.assertEqual(0, self.value(sa.select(Post.replies_count).where(Post.id == self.id)))
        self.assertEqual(0, self.app.test_cli_runner().invoke(args=['counters', 'check']).exit_code)

    def test_new_posts_say_who_reads_them_and_who_answers(self):
        self.susan.submit('/', post='for my friends', visibility='2', replies_from='1')
        post = self.newest()
        self.assertEqual((2, 1), (post.visibility, post.replies_from))
        self.assertEqual(200, self.susan.submit('/', post='odd', visibility='9').status_code)
        self.assertEqual(2, self.rows(Post))


class Together(TogetherCase):
    """Eight people answer, delete and narrow at one moment."""

    def test_leaves_exact_numbers(self):
        for number in range(8):
            self.person(f'person{number}')
        with self.app.app_context():
            author = self.find('person0')
            parent = make_post(author, 'the beginning')
            old = [make_post(self.find(f'person{n}'), 'old', parent=parent).id for n in range(1, 5)]
            people = [self.find(f'person{n}').id for n in range(8)]
            parent_id = parent.id
        acts = [self.act(lambda me, post: replies.reply(me, post, '@person0 hello @person1'),
                         (User, id), (Post, parent_id)) for id in people[5:]]
        acts += [self.act(posts.delete, (User, id), (Post, post)) for id, post in zip(people[1:4], old, strict=False)]
        acts += [self.act(lambda me, post: reach.change(me, post, 3, 0), (User, people[4]), (Post, old[3]))]
        acts += [self.act(posts.delete, (User, people[0]), (Post, parent_id))]
        self.assertEqual([], self.together(*acts))
        self.assertEqual(0, self.app.test_cli_runner().invoke(args=['counters', 'check']).exit_code)

    def test_answers_are_all_counted(self):
        parent_id, = self.wrote('john', 'the beginning')
        people = [self.person(f'person{number}') for number in range(8)]
        acts = [self.act(lambda me, post: replies.reply(me, post, 'hello'), (User, id), (Post, parent_id))
                for id in people]
        self.assertEqual([], self.together(*acts))
        self.assertEqual(8, self.value(sa.select(Post.replies_count).where(Post.id == parent_id)))


class Thread(WorldCase):
    def test_shows_what_came_before_and_the_answers_as_a_tree(self):
        with self.app.app_context():
            self.person('john')
            self.person('mary')
            john, mary = self.find('john'), self.find('mary')
            root = make_post(john, 'root')
            gone = make_post(mary, 'gone', parent=root)
            post = make_post(john, 'post', parent=gone)
            other = make_post(mary, 'other', parent=post)
            first = make_post(john, 'first', parent=post)
            second = make_post(john, 'second', parent=first)
            deep = [make_post(mary, 'deep 2', parent=other)]
            for depth in range(3, 6):
                deep.append(make_post(john, f'deep {depth}', parent=deep[-1]))
            stub = make_post(mary, 'stub', parent=post)
            under = make_post(john, 'under', parent=stub)
            root_id, post_id, under_id, gone_id, stub_id = root.id, post.id, under.id, gone.id, stub.id
            order = [root_id, post_id, first.id, second.id, other.id, deep[0].id, deep[1].id, under_id]
            everything = [root_id, post_id, other.id, first.id, second.id, *(one.id for one in deep), under_id]
            for one in (gone, stub):
                posts.delete(mary, one)
                db.session.commit()
        page = self.visitor.get(f'/post/{post_id}').text
        self.assertEqual(order, posts_on(page))
        self.assertEqual(2, page.count('This post was deleted.'))
        for id in (gone_id, stub_id):
            self.assertIn(f'id="post-{id}"', page)
        self.assertIn('Continue this thread', page)
        whole = self.visitor.get(f'/post/{under_id}/thread')
        self.assertEqual(everything, posts_on(whole.text))
        self.assertEqual([gone_id, stub_id], [int(id) for id in re.findall(r'<p [^>]*id="post-(\d+)"', whole.text)])

    def test_is_printed_with_each_deleted_post_once(self):
        with self.app.app_context():
            john, mary, susan = (make_user(name) for name in ('john', 'mary', 'susan'))
            root = make_post(john, 'root')
            gone, late, half = (make_post(mary, 'gone', parent=root) for _number in range(3))
            make_post(susan, 'only for followers', parent=half, visibility=Visibility.FOLLOWERS)
            answers = [make_post(john, 'answer', parent=post).id for post in (gone, gone, gone, gone, late, half)]
            root_id, gone_id, late_id, half_id = root.id, gone.id, late.id, half.id
            for post in (gone, late, half):
                posts.delete(mary, post)
                db.session.commit()
        expected = [[root_id, gone_id, *answers[:2]], [late_id, *answers[2:5]], [half_id, answers[5]]]
        shown, path = [], f'/post/{root_id}/thread'
        self.addCleanup(threads._few.cache_clear)
        with mock.patch.object(threads, 'WHOLE', 3):
            while path:
                page = self.visitor.get(path).text
                shown.append([int(id) for id in re.findall(r'id="post-([0-9]+)"', page)])
                more = re.search(r'href="(/post/[^"]*after=[0-9]+)" rel="next"', page)
                path = more and more[1]
        self.assertEqual(expected, shown)

    def test_of_thousands_of_answers_costs_no_more_than_a_small_one(self):
        costs = []
        for size in (30, 600):
            with self.app.app_context():
                author = self.find('john') or db.session.get(User, self.person('john'))
                post = make_post(author, 'much answered')
                chain = answer = make_post(author, 'a chain')
                rows = []
                for number in range(size):
                    rows.append({'parent_id': post.id, 'root_id': post.id, 'user_id': author.id, 'body': 'yes',
                                 'id': post.id + number + 1, 'parent_author_id': author.id, 'language': '',
                                 'timestamp': post.timestamp})
                    answer_id = chain.id + number + 1
                    rows.append({**rows[-1], 'id': answer_id, 'parent_id': answer_id - 1, 'root_id': chain.id})
                db.session.execute(sa.insert(Post.__table__), rows)
                db.session.commit()
                paths = [f'/post/{post.id}', f'/post/{answer.id}', f'/post/{answer_id}', f'/post/{post.id}/thread']
            with self.statements() as seen:
                pages = [self.visitor.get(path) for path in paths]
            costs.append(len(seen))
            self.assertEqual([200] * 4, [page.status_code for page in pages])
            self.assertIn('Show what came before', pages[2].text)
        self.assertLessEqual(costs[1], costs[0])
        self.assertLessEqual(costs[1], 10 * 4)
        ids, path = [], paths[0]
        while path:
            page = self.visitor.get(path).text
            ids += posts_on(page)[1:]
            later = re.search(r'href="(/post/[0-9]+\?after=[0-9]+)" rel="next"', page)
            path = later and later[1]
        self.assertEqual(size, len({*ids}))
