"""Lists of tags, likes and reposts read what they show, however long they are and whatever the statistics."""
from datetime import timedelta

import sqlalchemy as sa

from app import db
from app.models import Like, Mention, Post, Tag, User, Visibility, post_tag, utcnow
from app.models.ids import EPOCH
from app.queries import crowds, engagement, tags
from tests.queries import test_plans
from tests.queries.base import QueryTestCase, add_person

PEOPLE, POSTS, COUNT = 2000, 10_000, 5
ANALYZE = {'sqlite': ['ANALYZE'], 'postgresql': ['ANALYZE post, "user", post_like, post_tag, mention'],
           'mysql': ['ANALYZE TABLE post, user, post_like, post_tag, mention']}


class EngagementPlans(QueryTestCase):
    """One filled site and the statements of all its pages."""

    check = test_plans.Plans.check

    def setUp(self):
        super().setUp()
        db.drop_all()  # with the statistics of earlier tests
        db.create_all()
        self.dialect = db.engine.dialect.name
        self.susan = add_person('susan')
        self.first, now = self.susan.id + 1, utcnow()
        people = range(self.first, self.first + PEOPLE)
        db.session.execute(sa.insert(User.__table__), [
            {'id': id, 'username': f'u{id}', 'username_key': f'u{id}', 'email': f'u{id}@x', 'email_key': f'u{id}@x'}
            for id in people])
        self.posts = [number + 1 << 20 for number in range(POSTS)]
        written = {'body': '#moss @susan', 'language': '', 'timestamp': now, 'visibility': 0, 'repost_of_id': None}
        rows = [written | {'id': id, 'user_id': self.first + number % PEOPLE,
                           'visibility': Visibility.FOLLOWERS if number % 3 == 1 else Visibility.PUBLIC}
                for number, id in enumerate(self.posts)]
        moments = [now - timedelta(seconds=number) for number in range(max(PEOPLE, POSTS))]
        self.known = self.posts[POSTS // 2 // 3 * 3]
        rows += [written | {'id': (POSTS + number + 1 << 20), 'user_id': id, 'timestamp': moments[number], 'body': '',
                            'repost_of_id': self.known} for number, id in enumerate(people)]
        db.session.execute(sa.insert(Post.__table__), rows)
        self.tag = Tag(key='moss')
        db.session.add(self.tag)
        db.session.flush()
        db.session.execute(sa.insert(post_tag), [{'tag_id': self.tag.id, 'post_id': id} for id in self.posts])
        likes = [{'user_id': self.susan.id, 'post_id': id, 'created_at': moments[n]} for n, id in enumerate(self.posts)]
        likes += [{'user_id': id, 'post_id': self.known, 'created_at': moments[n]} for n, id in enumerate(people)]
        db.session.execute(sa.insert(Like), likes)
        db.session.execute(sa.insert(Mention), [
            {'post_id': id, 'user_id': self.susan.id, 'author_id': self.first} for id in self.posts])
        db.session.commit()
        self.middle = f'{(moments[PEOPLE // 2] - EPOCH) // crowds.MICROSECOND}-{self.first + PEOPLE // 2}'

    def statements_of_all_pages(self) -> list[tuple]:
        """(SQL, parameters) of each list, at the top and deep, in both directions."""
        seen: list[tuple] = []

        def note(conn, cursor, statement, parameters, context, executemany):
            seen.append((statement, parameters))
        sa.event.listen(db.engine, 'before_cursor_execute', note)
        post, reader = db.session.get(Post, self.known), db.session.get(User, self.first)
        deep = self.posts[POSTS // 2]
        for cursors in ((None, None), (deep, None), (None, deep)):
            for viewer in (None, self.susan, reader):
                page = tags.page(viewer, 'moss', *cursors, COUNT)
                self.assertEqual(COUNT, len(page.posts))
                engagement.note(viewer, page.posts)
        for cursors in ((None, None), (self.middle, None), (None, self.middle)):
            for viewer in (None, self.susan):
                self.assertEqual(COUNT, len(engagement.likers(viewer, post, *cursors, COUNT)[0]))
                self.assertEqual(COUNT, len(engagement.reposters(viewer, post, *cursors, COUNT)[0]))
            engagement.liked(self.susan, *cursors, COUNT)
        sa.event.remove(db.engine, 'before_cursor_execute', note)
        return [(statement, parameters) for statement, parameters in seen if statement.startswith('SELECT')]

    def test_of_every_list_are_bounded_before_and_after_analyze(self):
        statements = self.statements_of_all_pages()
        self.assertGreater(len(statements), 30)
        # PostgreSQL without statistics sorts the few that it expects of those who passed a post on
        self.check([row for row in statements if 'FROM post JOIN LATERAL' not in row[0]])
        for statement in ANALYZE[self.dialect]:
            db.session.execute(sa.text(statement))
        db.session.commit()
        self.check(statements)
