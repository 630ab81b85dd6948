"""Words for tests of what people are told."""
import re

from app import db
from app.services import notifications, people
from tests.accounts import AccountCase
from tests.base import Visitor


class ToldCase(AccountCase):
    """Susan has a browser open, and John does things."""

    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        self.john_id = self.person('john', name='John <b>')
        self.susan_id = self.id_of('susan')

    def id_of(self, username: str) -> int:
        with self.app.app_context():
            return self.find(username).id

    def tell(self, kind: str, actor: str = '', username: str = 'susan', post_id: int | None = None) -> None:
        """Tell somebody something."""
        with self.app.app_context():
            actor_id = self.find(actor).id if actor else None
            notifications.tell(self.find(username).id, kind, actor_id=actor_id, post_id=post_id)
            db.session.commit()

    def follow(self, follower: str, followed: str) -> None:
        """Follow somebody as the button does it."""
        with self.app.app_context():
            people.follow(self.find(follower), self.find(followed))
            db.session.commit()

    def look(self, path: str = '/notifications', visitor: Visitor | None = None, **headers: str) -> str:
        """The text of a page, and what is done after its answer."""
        answer = (visitor or self.susan).get(path, headers=headers)
        self.assertEqual(200, answer.status_code)
        text = answer.text
        answer.close()
        return text


def rows_on(page: str) -> list[tuple[str, bool]]:
    """What each row of a page says, and whether it is new."""
    found = []
    for row in re.findall(r'<li class="item note">(.*?)</li>', page, re.S):
        said = ' '.join(re.sub(r'<[^>]*>', '', re.search(r'<p>(.*?)</p>', row, re.S)[1]).split())
        found.append((said.removeprefix('New: '), said.startswith('New: ')))
    return found


def badge(page: str, name: str = 'notifications') -> int | None:
    """The number at a place of the navigation; None when it is hidden."""
    number = re.search(rf'<span class="count"( hidden)?>(?:(?!</a>).)*data-unread="{name}">(\d+)<', page, re.S)
    return None if number[1] else int(number[2])
