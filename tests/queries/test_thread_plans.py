"""No page of a thread reads more than some hundred rows, however many answers there are and however deep they go."""
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Post, User, Visibility
from app.queries import threads, timelines
from tests.queries.base import QueryTestCase, add_person, add_posts
from tests.queries.test_plans import ANALYZE, Plans, _rows_of_mariadb, _rows_of_postgresql, _steps

ANSWERS, COUNT = 3000, 5
MOST = 700
del Plans  # it would run here again


class ThreadPlans(QueryTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(threads, 'WHOLE', 20))  # of so small a table more would rather be scanned
        db.drop_all()  # with the statistics of earlier tests
        db.create_all()
        self.reader, self.author = add_person('reader'), add_person('author')
        others = [add_person(f'other{n}').id for n in range(20)]
        add_posts([(number << 20, self.author.id) for number in range(1, 5)])
        wide, deep, closed = (1 << 20, 2 << 20, 3 << 20)
        rows = []
        for n in range(1, ANSWERS + 1):
            rows.append((10 + n << 20, others[n % 20], wide, 0))
            rows.append(((10 + n << 20) + 1, others[n % 20], deep if n == 1 else (9 + n << 20) + 1, 0))
            rows.append(((10 + n << 20) + 2, self.author.id, None, Visibility.FOLLOWERS))
        add_posts([(id, author) for id, author, _parent, _visibility in rows])
        for id, _author, parent, visibility in rows:
            root = None if parent is None else wide if parent == wide else deep
            db.session.execute(sa.update(Post.__table__).where(Post.__table__.c.id == id).values(
                parent_id=parent, root_id=root, visibility=visibility))
        db.session.commit()
        self.posts = [db.session.get(Post, id) for id in (wide, deep, closed, (10 + ANSWERS << 20) + 1)]

    def statements_of_all_pages(self) -> list[tuple]:
        seen: list[tuple] = []

        def note(conn, cursor, statement, parameters, context, executemany):
            if statement.startswith(('SELECT', 'WITH')):
                seen.append((statement, parameters))
        sa.event.listen(db.engine, 'before_cursor_execute', note)
        for viewer in (None, self.reader):
            for post in self.posts:
                threads.around(viewer, post, None, COUNT)
                threads.around(viewer, post, 1000 << 20, COUNT)
                threads.whole(viewer, post, None)
                threads.whole(viewer, post, 1000 << 20)
            for before in (None, 1000 << 20):  # a stranger on the profile of somebody who writes for followers
                timelines.profile(viewer, self.author, before, None, COUNT)
        sa.event.remove(db.engine, 'before_cursor_execute', note)
        return seen

    def test_are_bounded_before_and_after_analyze(self):
        statements = self.statements_of_all_pages()
        dialect = db.engine.dialect.name
        handled = {'sqlite': _steps, 'postgresql': _rows_of_postgresql, 'mysql': _rows_of_mariadb}[dialect]
        for _time in range(2):
            for statement, parameters in statements:
                number, where = handled(db.session.connection(), statement, parameters)
                self.assertLessEqual(number, MOST, f'{where}\n{statement}')
            for statement in ANALYZE[dialect]:
                db.session.execute(sa.text(statement))
            db.session.commit()
        self.assertEqual(22, db.session.scalar(sa.select(sa.func.count()).select_from(User)))
