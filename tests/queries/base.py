"""What the tests of queries share: an open application context, and many rows at once."""
import sqlalchemy as sa

from app import db
from app.models import Post, User
from app.queries import timelines
from tests.base import AppTestCase

MINUTE = 60_000 << 16
START = 1_700_000_000_000 << 16


def id_of(number: int) -> int:
    """The id of the post with this number."""
    return START + number * MINUTE


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


class TimelineCase(QueryTestCase):
    """Susan follows john, not mary; posts have numbers, a minute apart."""

    def setUp(self):
        super().setUp()
        self.susan, self.john, self.mary = (add_person(name) for name in ('susan', 'john', 'mary'))
        self.susan.follow(self.john)
        db.session.commit()

    def write(self, author: User, *numbers: int) -> None:
        """Posts with these numbers."""
        add_posts([(id_of(number), author.id) for number in numbers])
        db.session.commit()

    def numbers(self, page: timelines.Page) -> list[int]:
        """Those of a page."""
        return [(post.id - START) // MINUTE for post in page.posts]

    def older_than(self, page: timelines.Page) -> list[int]:
        """What susan finds on her home behind a page, post by post."""
        seen = []
        while page.older is not None:
            page = timelines.home(self.susan, page.older, None, 1)
            seen += self.numbers(page)
        return seen

    def answer_mary(self, *numbers: int, **values) -> None:
        """Let the posts with these numbers be answers to her, which are on nobody's home who does not follow her."""
        db.session.execute(sa.update(Post).where(Post.id.in_([id_of(number) for number in numbers])).values(
            parent_id=1, root_id=1, parent_author_id=self.mary.id, **values))
        db.session.commit()
