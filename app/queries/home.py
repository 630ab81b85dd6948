"""The home timeline: what the viewer and the people they follow wrote.

First a window of the newest ids of the whole site, then, for readers of quiet authors, the heads of everybody followed.
"""
import json
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

import sqlalchemy as sa

from app.extensions import db
from app.models import User
from app.queries import heads, windows
from app.queries.pages import NEWER, OLDER, Found, Way, gather

WINDOWS = (4096, 16_384)  # posts; the larger one for readers whose heads cost more
MANY = 2000
FEW = 200  # sources whose heads cost less than a window
FEW_AUTHORS = 4
NOBODY = 0
AHEAD = 2  # times as many posts as a page needs are looked at, since some of them answer strangers
LOOKS = {'sqlite': 3, 'postgresql': 3, 'mysql': 2}  # for one page, which MariaDB needs two statements for
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
        rows = _rows(windows.home(_dialect(), way, reader.window, limit), viewer=reader.user.id, cursor=cursor)
        if len(rows) == limit:
            return Found.among(rows, limit)
    look = partial(_look_by_lists, reader, way, limit) if by_lists else partial(_look, reader, way, limit)
    return gather(look, cursor, limit, LOOKS[_dialect()])


def has_any(reader: Reader, way: Way, cursor: int) -> bool:
    """True when there is a post beyond the cursor."""
    values = {'viewer': reader.user.id, 'cursor': cursor}
    return db.session.scalar(heads.anybody(_dialect(), way), values) is not None


def _look(reader: Reader, way: Way, limit: int, cursor: int) -> Found:
    values = {'viewer': reader.user.id, 'cursor': cursor}
    rows = _rows(heads.posts(_dialect(), way, limit, AHEAD * limit), **values)
    if not rows:
        return Found([], db.session.scalar(heads.last(_dialect(), way, AHEAD * limit), values))
    return Found([row[0] for row in rows], rows[-1][0].id if len(rows) == limit else rows[0][1])


def _look_by_lists(reader: Reader, way: Way, limit: int, cursor: int) -> Found:
    """MariaDB seeks the heads only of a literal list of authors, and knows no lateral join."""
    ahead = AHEAD * limit
    nearest = _heads(reader, way, ahead, cursor)
    if not nearest:
        return Found([])
    is_full = len(nearest) == ahead
    branches = FEW_AUTHORS if len(nearest) <= FEW_AUTHORS < ahead else ahead  # few statements, not one for each number
    known = [author for author, _head in nearest] + [NOBODY] * (branches - len(nearest))
    values = {f'author_{i}': author for i, author in enumerate(known)}
    values |= {'viewer': reader.user.id, 'cursor': cursor, 'last': nearest[-1][1] if is_full else way.far_end}
    rows = _rows(heads.posts_of(way, limit, ahead, branches, not is_full), **values)
    found = Found([row[0] for row in rows if row[1] & heads.WANTED])
    if rows and (len(rows) == limit or rows[-1][1] & heads.LAST_SEEN):
        found.stopped_at = rows[-1][0].id
    if is_full and found.stopped_at is None:  # a head was deleted meanwhile: what is behind the last is not known
        found.stopped_at = values['last']
    return found


def _heads(reader: Reader, way: Way, limit: int, cursor: int) -> list[tuple[int, int]]:
    """The authors with the nearest heads, as (author, head), the nearest first."""
    if cursor == OLDER.start and reader.user.following_number <= FEW:
        found = db.session.scalar(heads.newest(limit), {'viewer': reader.user.id})
    else:
        authors = reader.authors = _authors_of(reader.user) if reader.authors is None else reader.authors
        lists = [authors[start:start + LITERALS] for start in range(0, len(authors), LITERALS)]
        listed = {f'authors_{i}': ids for i, ids in enumerate(lists)}
        found = db.session.scalar(heads.of_lists(way, len(lists), limit), {**listed, 'cursor': cursor})
    nearest = [(author, head) for author, head in json.loads(found or '[]') if head is not None]
    return sorted(nearest, key=itemgetter(1), reverse=way.is_older)


def _authors_of(user: User) -> list[int]:
    """The ids of the person and of those they follow, who are not suspended."""
    return json.loads(db.session.scalar(heads.authors(), {'viewer': user.id}) or '[]')


def _rows(statement, **values) -> list[sa.Row]:
    return list(db.session.execute(statement, values).all())


def _dialect() -> str:
    return db.session.get_bind().dialect.name
