"""People who write to one another, and what each of them has."""
from functools import cached_property

import sqlalchemy as sa

from app import db
from app.models import Conversation, KeptMessage, Message, User
from app.services import counters, messages
from tests.world import WorldCase


class MessageCase(WorldCase):
    """Susan follows John, so John may write to her; Mary she does not know."""

    def setUp(self):
        super().setUp()
        for name in ('susan', 'john', 'mary'):
            self.person(name)
        self.follows('susan', 'john')

    @cached_property
    def susan(self):
        return self.log_in('susan')

    @cached_property
    def john(self):
        return self.log_in('john')

    @cached_property
    def mary(self):
        return self.log_in('mary')

    def tearDown(self):
        with self.app.app_context():
            self.assertEqual([], [found for step in counters.check() for found in step])
        super().tearDown()

    def wrote_to(self, sender: str, recipient: str, *bodies: str) -> list[int]:
        """Let somebody write to another; the ids of the messages."""
        ids = []
        with self.app.app_context():
            for body in bodies:
                ids.append(messages.send(self.find(sender), self.find(recipient), body).id)
                db.session.commit()
        return ids

    def accepts(self, username: str, accepts: str) -> None:
        """Let somebody choose who may write to them."""
        with self.app.app_context():
            messages.choose(self.find(username), accepts)
            db.session.commit()

    def has(self, username: str) -> list[str]:
        """What all messages say that somebody has, the oldest first."""
        with self.app.app_context():
            return list(db.session.scalars(sa.select(Message.body).join(
                KeptMessage, KeptMessage.message_id == Message.id).where(
                KeptMessage.owner_id == self.find(username).id).order_by(Message.id)))

    def unread(self, username: str) -> int:
        """The number that somebody sees on every page."""
        return self.value(sa.select(User.unread_messages).where(User.username == username))

    def state(self, owner: str, other: str) -> str | None:
        """The state of one side of a conversation."""
        with self.app.app_context():
            return db.session.scalar(sa.select(Conversation.state).where(
                Conversation.owner_id == self.find(owner).id, Conversation.other_id == self.find(other).id))
