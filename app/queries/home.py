"""The home timeline: what the viewer and the people they follow wrote.

First a window of the newest ids of the whole site, then, for readers of quiet authors, the heads of everybody followed.
On MariaDB a deep page is looked for where its posts should lie before the heads are.
"""
import json
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Any

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
LOOKS = {'sqlite': 3, 'postgresql': 3, 'mysql': 2}  # for one page; MariaDB takes two or three statements each
GUESS = 5  # times as many posts as a page needs are expected where it is looked first: between two and CROWD do
CROWD = 512  # posts up to the last head that MariaDB reads at once; of more, those of each author for themselves
LITERALS = 999  # from 1,000 on MariaDB turns a list into a subquery and loses the loose index scan


@dataclass
class Reader:
    """Whose home is read, and on MariaDB what is asked for at most once a page."""

    user: User
    authors: list[int] | None = None
    gap: int = 0  # between two posts of theirs, as ids are apart, if they lie evenly
    ends: tuple[int, int] = (0, 0)  # the first and the last post of the site
    page: int | None = None  # the cursor of the page, behind which further looks begin
    neighbours: dict[tuple[Way, int], bool] = field(default_factory=dict)  # as `has_any` is asked for them
    is_crowded: bool = False  # somebody writes so much that each author is looked at by itself

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
    by_lists, reader.page = _dialect() == 'mysql', cursor
    if reader.wants_window and not (by_lists and way is NEWER):  # that way two walks may be needed: no third statement
        rows = _in_window(reader, way, reader.window, cursor, limit)
        if limit > len(rows) >= limit / 2:  # twice as many are likely to fill the page for less than the heads cost
            rows = _in_window(reader, way, 2 * reader.window, cursor, limit)
        if len(rows) == limit:
            return Found.among(rows, limit)
    look = partial(_look_by_lists, reader, way, limit) if by_lists else partial(_look, reader, way, limit)
    return gather(look, cursor, limit, LOOKS[_dialect()])


def _in_window(reader: Reader, way: Way, size: int, cursor: int, limit: int) -> list[sa.Row]:
    return _rows(windows.home(_dialect(), way, size, limit), viewer=reader.user.id, cursor=cursor)


def has_any(reader: Reader, way: Way, cursor: int) -> bool:
    """True when there is a post beyond the cursor."""
    if (way, cursor) in reader.neighbours:
        return reader.neighbours[way, cursor]
    values = {'viewer': reader.user.id, 'cursor': cursor}
    return db.session.scalar(heads.anybody(_dialect(), way), values) is not None


def _look(reader: Reader, way: Way, limit: int, cursor: int) -> Found:
    values = {'viewer': reader.user.id, 'cursor': cursor}
    return Found.flagged(_rows(heads.posts(_dialect(), way, limit, AHEAD * limit), **values), limit)


def _look_by_lists(reader: Reader, way: Way, limit: int, cursor: int) -> Found:
    """MariaDB seeks the heads only of a literal list of authors, and knows no lateral join."""
    ahead = AHEAD * limit
    found = _guess(reader, way, limit, cursor)
    if found is not None:
        return found
    nearest = _heads(reader, way, ahead, cursor)
    if not nearest:
        return Found([])
    is_full = len(nearest) == ahead
    values = {'viewer': reader.user.id, 'cursor': cursor, 'last': nearest[-1][1] if is_full else way.far_end}
    rows = []
    if is_full and not reader.is_crowded:
        authors = [author for author, _head in nearest]
        rows = _rows(heads.posts_among(way, limit, ahead, CROWD, are_read=True), authors=authors, **values)
        reader.is_crowded = bool(rows) and bool(rows[0][1] & heads.CROWDED)
    if not is_full or reader.is_crowded:
        rows = _rows_by_author(way, limit, nearest, values)
    found = Found.flagged(rows, limit)
    if is_full and found.stopped_at is None:  # a head was deleted meanwhile: what is behind the last is not known
        found.stopped_at = values['last']
    return found


def _guess(reader: Reader, way: Way, limit: int, cursor: int) -> Found | None:
    """What lies as near to the cursor of a deep page as a page's posts would if they lay evenly, in less than half the
    time that the heads take; None where it does not help."""
    if cursor != reader.page or cursor == way.start or reader.user.following_number > FEW:
        return None
    authors = _authors(reader, way, cursor)
    if len(authors) <= FEW_AUTHORS or not reader.gap:
        return None
    first, newest = reader.ends
    reach = GUESS * limit * reader.gap
    last = min(cursor, newest) - reach if way.is_older else max(cursor, first) + reach
    if not first < last < newest:
        last = way.far_end
    values = {'viewer': reader.user.id, 'cursor': cursor, 'last': last}
    rows = _rows(heads.posts_among(way, limit, AHEAD * limit, CROWD, are_read=False), authors=authors, **values)
    reader.is_crowded = bool(rows) and bool(rows[0][1] & heads.CROWDED)
    if reader.is_crowded:
        return None
    found = Found.flagged(rows, limit)
    if found.stopped_at is None and last != way.far_end:
        found.stopped_at = last
    return found


def _rows_by_author(way: Way, limit: int, nearest: list[tuple[int, int]], values: dict) -> list[sa.Row]:
    """Of each author only as many posts are read as could stand on the page."""
    ahead = AHEAD * limit
    branches = FEW_AUTHORS if len(nearest) <= FEW_AUTHORS < ahead else ahead  # few statements, not one for each number
    known = [author for author, _head in nearest] + [NOBODY] * (branches - len(nearest))
    values = values | {f'author_{i}': author for i, author in enumerate(known)}
    return _rows(heads.posts_of(way, limit, ahead, branches), **values)


def _heads(reader: Reader, way: Way, limit: int, cursor: int) -> list[tuple[int, int]]:
    """The authors with the nearest heads, as (author, head), the nearest first."""
    if cursor == OLDER.start and reader.user.following_number <= FEW:
        found = db.session.scalar(heads.newest(limit), {'viewer': reader.user.id})
    else:
        found = _heads_beyond(reader.user, _authors(reader, way, cursor), way, limit, cursor)
    nearest = [(author, head) for author, head in json.loads(found or '[]') if head is not None]
    return sorted(nearest, key=itemgetter(1), reverse=way.is_older)


def _heads_beyond(viewer: User, authors: list[int], way: Way, limit: int, cursor: int) -> str | None:
    values: dict[str, Any] = {'viewer': viewer.id}
    if len(authors) <= FEW + 1:
        return db.session.scalar(heads.of_few(way, limit), values | {'beyond': (authors, cursor)})
    lists = [authors[start:start + LITERALS] for start in range(0, len(authors), LITERALS)]
    values |= {f'authors_{i}': ids for i, ids in enumerate(lists)} | {'cursor': cursor}
    return db.session.scalar(heads.of_lists(way, len(lists), limit), values)


def _authors(reader: Reader, way: Way, cursor: int) -> list[int]:
    """The ids of the person and of those they follow; noted as well is whether a deep page has a neighbour on the other
    side, which would be a statement of its own."""
    if reader.authors is not None:
        return reader.authors
    back, behind = (NEWER, cursor - 1) if way is OLDER else (OLDER, cursor + 1)
    is_deep = cursor == reader.page != way.start
    are_counted = is_deep and reader.user.following_number <= FEW
    row, = _rows(heads.authors(back if is_deep else None, are_counted), viewer=reader.user.id, cursor=behind)
    reader.authors = json.loads(row[0])
    if is_deep:
        reader.neighbours[back, behind] = bool(row[1])
    if are_counted and row[3] is not None:  # there are posts
        reader.ends = row[3], row[4]
        reader.gap = (row[4] - row[3]) // max(int(row[2]), 1)
    return reader.authors


def _rows(statement, **values) -> list[sa.Row]:
    return list(db.session.execute(statement, values).all())


def _dialect() -> str:
    return db.session.get_bind().dialect.name
