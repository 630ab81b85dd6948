"""The home timeline: what the viewer and the people they follow wrote.

First a window of the newest ids of the whole site, then, for readers of quiet authors, the heads of everybody followed.
"""
import json
from dataclasses import dataclass

from app.extensions import db
from app.models import Post, User
from app.queries import heads, windows
from app.queries.pages import NEWER, Found, Way

WINDOWS = (4096, 16_384)  # posts; the larger one for readers whose heads cost more
MANY = 2000
FEW = 200  # sources whose heads cost less than a window
FEW_AUTHORS = 4
NOBODY = 0
LITERALS = 999  # from 1,000 on MariaDB turns a list into a subquery and loses the loose index scan


@dataclass
class Reader:
    """Whose home is read, and on MariaDB the ids of those whose posts it shows, asked for at most once a page."""

    user: User
    authors: list[int] | None = None

    @property
    def wants_window(self) -> bool:
        """True when the newest of the site are likely to fill a page: not once the authors had to be asked for."""
        return self.user.following_number > FEW and self.authors is None

    @property
    def window(self) -> int:
        """How many posts of the site to look at."""
        return WINDOWS[self.user.following_number > MANY]


def find(reader: Reader, way: Way, cursor: int, limit: int) -> Found:
    """The nearest posts beyond the cursor."""
    by_lists = _dialect() == 'mysql'
    if reader.wants_window and not (by_lists and way is NEWER):  # that way two walks may be needed: no third statement
        posts = _posts(windows.home(_dialect(), way, reader.window, limit), viewer=reader.user.id, cursor=cursor)
        if len(posts) == limit:
            return Found(posts)
    if by_lists:
        return _find_by_lists(reader, way, cursor, limit)
    return Found(_posts(heads.posts(_dialect(), way, limit), viewer=reader.user.id, cursor=cursor))


def has_any(reader: Reader, way: Way, cursor: int) -> bool:
    """True when there is a post beyond the cursor."""
    values = {'viewer': reader.user.id, 'cursor': cursor}
    return db.session.scalar(heads.anybody(_dialect(), way), values) is not None


def _find_by_lists(reader: Reader, way: Way, cursor: int, limit: int) -> Found:
    """MariaDB seeks the heads only of a literal list of authors, and knows no lateral join."""
    authors = reader.authors = _authors_of(reader.user) if reader.authors is None else reader.authors
    lists = [authors[start:start + LITERALS] for start in range(0, len(authors), LITERALS)]
    listed = {f'authors_{i}': ids for i, ids in enumerate(lists)}
    nearest = db.session.execute(heads.of_lists(way, len(lists), limit), {**listed, 'cursor': cursor}).all()
    if not nearest:
        return Found([])
    is_full = len(nearest) == limit
    branches = FEW_AUTHORS if len(nearest) <= FEW_AUTHORS < limit else limit  # two statements, not one for each number
    known = [author for author, _head in nearest] + [NOBODY] * (branches - len(nearest))
    values = {f'author_{i}': author for i, author in enumerate(known)}
    values |= {'viewer': reader.user.id, 'cursor': cursor, 'last': nearest[-1].head if is_full else way.far_end}
    posts = _posts(heads.posts_of(way, limit, branches), **values)
    # A head that was deleted meanwhile vouches for nothing behind the last one.
    return Found(posts, values['last'] if is_full and len(posts) < limit else None)


def _authors_of(user: User) -> list[int]:
    """The ids of the person and of those they follow, who are not suspended."""
    return json.loads(db.session.scalar(heads.authors(), {'viewer': user.id}) or '[]')


def _posts(statement, **values) -> list[Post]:
    return list(db.session.scalars(statement, values))


def _dialect() -> str:
    return db.session.get_bind().dialect.name
