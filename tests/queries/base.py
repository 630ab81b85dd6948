"""What the tests of queries share: an open application context, and many rows at once."""
import sqlalchemy as sa

from app import db
from app.models import Post, User
from tests.base import AppTestCase


class QueryTestCase(AppTestCase):
    """A test inside the application, with `clear()` for several sites in one test."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.app.app_context())

    def tearDown(self):
        db.session.rollback()
        super().tearDown()

    def clear(self) -> None:
        """Empty the tables that a timeline reads."""
        db.session.rollback()
        db.session.expunge_all()
        for table in (Post, User):
            db.session.execute(sa.delete(table))
        db.session.commit()


def add_person(username: str, **values) -> User:
    """A person, not yet committed."""
    user = User(username=username, email=f'{username}@example.com', **values)
    db.session.add(user)
    db.session.flush()
    return user


def add_posts(ids_and_authors: list[tuple[int, int]]) -> None:
    """Many posts, past the objects."""
    rows = [{'id': id, 'user_id': author, 'body': 'words', 'language': ''} for id, author in ids_and_authors]
    db.session.execute(sa.insert(Post.__table__).values(timestamp=sa.func.now()), rows)
