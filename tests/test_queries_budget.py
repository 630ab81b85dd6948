"""How many SQL statements a page costs: few, and never more with more posts on it."""
import re
from datetime import timedelta

import sqlalchemy as sa

from app import db
from app.models import Notification, User, insert_all, utcnow
from app.services import messages, notifications
from tests.base import make_post
from tests.world import KIND, WorldCase, link

MOST = 6
MOST_OF_SEARCH = 10  # people and who of them is followed; the newest posts, a sample, the index, a count; posts
SOME, FULL = 5, 25
READS, WRITES = re.compile(r'\s*(SELECT|WITH)\b'), re.compile(r'\b(INSERT INTO|UPDATE|DELETE FROM)\b')


class Budget(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        self.names = [f'author{n}' for n in range(FULL)]
        for name in self.names:
            self.person(name)

    def cost(self, visitor, path: str) -> int:
        with self.statements() as seen:
            answer = visitor.get(path)
        self.assertEqual(200, answer.status_code, path)
        more = 2 if path.startswith('/post/') else 0  # is it muted, who may answer
        more += 1 if path.startswith('/?') and KIND == 'mysql' else 0  # authors, heads and posts one by one
        most = MOST_OF_SEARCH if path.startswith('/search?') else MOST + more
        self.assertLessEqual(len(seen), most, '\n'.join([path, *seen]))
        return len(seen)

    def costs(self, *paths: str) -> list[int]:
        return [self.cost(visitor, path) for path in paths for visitor in (self.susan, self.visitor)
                if not (path in ('/', '/edit_profile', '/post/new') and visitor is self.visitor)]

    def grow(self, count: int) -> None:
        """A site on which `count` people have written, each followed by Susan and following her and the first."""
        for name in self.names[:count]:
            self.wrote(name, 'words')
            self.follows('susan', name)
            self.follows(name, 'susan')

    def test_of_a_page_of_posts_does_not_grow_with_posts_and_authors(self):
        paths = ('/', '/explore', '/user/susan', '/user/susan/followers', '/user/susan/following', '/search?q=auth')
        self.grow(SOME)
        self.wrote('susan', *['words'] * SOME)
        few = self.costs(*paths)
        self.grow(FULL)
        self.wrote('susan', *['words'] * FULL)
        self.assertEqual([True] * len(few), [many <= some for many, some in zip(self.costs(*paths), few, strict=True)])

    def test_of_a_page_of_answers_does_not_grow_with_those_who_are_answered(self):
        few, many = (self.answer(count) or self.costs('/', '/user/susan') for count in (SOME, FULL))
        self.assertEqual(few, many)

    def answer(self, count: int) -> None:
        """Let Susan answer a post of each of `count` people."""
        self.grow(count)
        with self.app.app_context():
            susan = self.find('susan')
            for name in self.names[:count]:
                make_post(susan, 'an answer', parent=make_post(self.find(name), 'words'))

    def test_of_deeper_pages_is_no_larger_than_the_limit(self):
        self.wrote('susan', *['words'] * (2 * FULL + 3))
        for path in ('/', '/explore', '/user/susan', '/search?q=words'):
            older = link(self.susan.get(path).text, 'next')
            self.cost(self.susan, older)
            self.cost(self.susan, link(self.susan.get(older).text, 'next'))
            newer = link(self.susan.get(older).text, 'prev')
            self.cost(self.susan, newer)

    def test_of_every_search_is_no_larger_than_its_limit(self):
        self.grow(FULL)
        for words in ('words', 'words from:author1 -not', 'author words', '"words"', 'nothing', 'wor'):
            for visitor in (self.susan, self.visitor):
                for show in ('', '&show=best', '&show=people'):
                    self.cost(visitor, f'/search?q={words}{show}')

    def test_of_an_empty_home_is_no_larger_than_the_limit(self):
        self.wrote('author1', 'words')
        self.assertLessEqual(self.cost(self.susan, '/'), MOST)

    def test_of_every_other_page_is_no_larger_than_the_limit(self):
        id, = self.wrote('susan', 'words')
        for path in (f'/post/{id}', f'/post/{id}/delete', '/user/author1', '/edit_profile', '/post/new', '/about',
                     '/search', '/settings', '/settings/password', '/settings/email', '/settings/sessions',
                     '/settings/events', '/keyboard',
                     '/welcome', '/welcome/people', '/welcome/post',
                     '/settings/delete', '/export_posts', '/export_posts/progress',
                     '/notifications'):
            self.cost(self.susan, path)
        for path in ('/auth/login', '/auth/register'):
            self.assertLessEqual(self.cost(self.visitor, path), MOST, path)

    def test_of_messages_is_no_larger_than_the_limit_and_does_not_grow(self):
        paths = ('/messages', '/messages/requests', '/send_message/author0', '/send_message/author1')
        self.write(SOME)
        few = [self.cost(self.susan, path) for path in paths]
        self.write(3 * FULL)
        self.assertEqual(few, [self.cost(self.susan, path) for path in paths])
        for path in ('/messages/new', f'/messages/{self.last}/delete', '/send_message/author0/delete'):
            self.cost(self.susan, path)
        older, = re.findall(r'href="(/send_message/author0[?]before=[0-9]+)"', self.susan.get(paths[2]).text)
        self.cost(self.susan, older)
        self.cost(self.susan, *re.findall(r'href="(/send_message/author0[?]after=[0-9]+)"', self.susan.get(older).text))

    def test_of_notifications_is_no_larger_than_the_limit_in_a_crowd(self):
        people = self.crowd()
        posts = self.wrote('susan', *['words'] * 30)
        alike = [('like', posts[0], person) for person in people]
        both = alike + [('request_accepted', 0, person) for person in people]
        many = [('like', posts[number % 30], person) for number, person in enumerate(people)]
        for rows in (alike, both, many, many + [('reply', posts[0], person) for person in people]):
            for days in (1, 40):
                ids = self.tell(rows, timedelta(days=days))
                self.cost(self.susan, '/notifications')
                for id in (1, *ids[::len(ids) // 5], ids[-1]):
                    self.cost(self.susan, f'/notifications?before={id}')
                    self.cost(self.susan, f'/notifications?after={id}')

    def crowd(self) -> range:
        """As many people as are kept of those who did the same."""
        with self.app.app_context():
            first = self.find('susan').id + 1000
            people = range(first, first + notifications.MOST)
            db.session.execute(sa.insert(User.__table__), [
                {'id': id, 'username': f'u{id}', 'username_key': f'u{id}', 'email': f'u{id}@x', 'email_key': f'u{id}@x'}
                for id in people])
            db.session.commit()
        return people

    def tell(self, rows: list[tuple[str, int, int]], span: timedelta) -> list[int]:
        """Let Susan have been told of just these (kind, post, whose doing) one after the other; their ids."""
        with self.app.app_context():
            susan, begin = self.find('susan').id, utcnow() - span
            db.session.execute(sa.delete(Notification))
            insert_all(Notification, [
                {'user_id': susan, 'kind': kind, 'post_id': post, 'actor_id': person, 'is_read': False, 'on_site': True,
                 'created_at': begin + span * number / len(rows)} for number, (kind, post, person) in enumerate(rows)])
            db.session.execute(sa.update(User).where(User.id == susan).values(unread_notifications=len(rows)))
            db.session.commit()
            return sorted(db.session.scalars(sa.select(Notification.id)))

    def write(self, count: int) -> None:
        """A long conversation, and as many short ones as there are people; half of these are requests."""
        with self.app.app_context():
            susan, first = self.find('susan'), self.find('author0')
            for _number in range(count):
                self.last = messages.send(susan, first, 'words').id
                db.session.commit()
            for name in self.names[:count]:
                pair = (susan, self.find(name))
                messages.send(*(pair if len(name) % 2 else reversed(pair)), 'words')
                db.session.commit()

    def test_visitors_cost_no_statement_where_nothing_is_read(self):
        for path in ('/about', '/auth/login', '/auth/register', '/search'):
            self.assertEqual(0, self.cost(self.visitor, path), path)

    def test_who_somebody_is_costs_one_statement(self):
        self.assertEqual(1, self.cost(self.susan, '/about'))

    def test_static_files_and_unknown_addresses_of_visitors_cost_none(self):
        for path in ('/static/microblog.css', '/nowhere'):
            with self.statements() as seen:
                self.susan.get('/static/microblog.css').close() if 'static' in path else self.visitor.get(path)
            self.assertEqual([], seen, path)

    def test_a_page_only_reads(self):
        self.change('susan', last_seen=utcnow())
        self.write(1)
        for path in ('/', '/explore', '/user/author1', '/search?q=a', '/settings', '/messages',
                     '/send_message/author0'):
            with self.statements() as seen:
                self.susan.get(path)
            self.assertEqual([], [line for line in seen if not READS.match(line) or WRITES.search(line)], path)
