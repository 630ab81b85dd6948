"""Words for tests of who keeps whom away."""
import sqlalchemy as sa

from app import db
from app.models import Block, User, followers
from app.services import blocks, counters
from tests.notifications.base import ToldCase


class RelationCase(ToldCase):
    """Susan and John, each with a browser."""

    def setUp(self):
        super().setUp()
        self.john = self.log_in('john')

    def block(self, blocker: str, blocked: str) -> None:
        """Block somebody as the button does it."""
        with self.app.app_context():
            blocks.block(self.find(blocker), self.find(blocked))
            db.session.commit()

    def unblock(self, blocker: str, blocked: str) -> None:
        """End a block."""
        with self.app.app_context():
            blocks.unblock(self.find(blocker), self.find(blocked))
            db.session.commit()

    def pairs(self, table) -> set[tuple[str, str]]:
        """The rows of a table of pairs, as names."""
        one, other = sa.orm.aliased(User), sa.orm.aliased(User)
        columns = {followers: (followers.c.follower_id, followers.c.followed_id)}.get(
            table) or (table.__table__.primary_key.columns[0], table.__table__.primary_key.columns[1])
        with self.app.app_context():
            rows = db.session.execute(sa.select(one.username, other.username).where(
                one.id == columns[0], other.id == columns[1]))
            return {tuple(row) for row in rows}

    def blocked(self) -> set[tuple[str, str]]:
        return self.pairs(Block)

    def assert_counted(self) -> None:
        """Every counter says what its rows say."""
        with self.app.app_context():
            self.assertEqual([], [found for some in counters.check() for found in some])
