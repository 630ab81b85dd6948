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
NEAR = 3  # times as many posts as a page needs are expected where MariaDB looks first for a deep one
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
        rows = _read_window(reader, way, reader.window, cursor, limit)
        if limit > len(rows) >= limit / 2:  # twice as many are likely to fill the page for less than the heads cost
            rows = _read_window(reader, way, 2 * reader.window, cursor, limit)
        if len(rows) == limit:
            return Found.among(rows, limit)
    if not by_lists:
        return gather(partial(_look, reader, way, limit), cursor, limit, LOOKS[_dialect()])
    near = _look_near(reader, way, limit, cursor) or Found([], cursor)
    if len(near.posts) >= limit or near.stopped_at is None:
        return near
    rest = gather(partial(_look_by_lists, reader, way, limit), near.stopped_at, limit, LOOKS['mysql'])
    return Found((near.posts + rest.posts)[:limit], rest.stopped_at)


def _read_window(reader: Reader, way: Way, size: int, cursor: int, limit: int) -> list[sa.Row]:
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
    nearest = _heads(reader, way, ahead, cursor)
    if not nearest:
        return Found([])
    is_full = len(nearest) == ahead
    values = {'viewer': reader.user.id, 'cursor': cursor, 'last': nearest[-1][1] if is_full else way.far_end}
    rows = []
    if is_full and not reader.is_crowded:
        authors = [author for author, _head in nearest]
        rows = _rows(heads.posts_among(way, limit, ahead, CROWD, are_read=True), authors=authors, **values)
        reader.is_crowded = _are_crowded(rows)
    if not is_full or reader.is_crowded:
        rows = _rows_by_author(way, limit, nearest, values)
    found = Found.flagged(rows, limit)
    if is_full and found.stopped_at is None:  # a head was deleted meanwhile: what is behind the last is not known
        found.stopped_at = values['last']
    return found


def _look_near(reader: Reader, way: Way, limit: int, cursor: int) -> Found | None:
    """What lies as near to the cursor of a deep page as its posts would if they lay evenly; None when they lie closer,
    or when that is not known."""
    if cursor == way.start or reader.user.following_number > FEW:
        return None
    authors = _ask_authors(reader, way, cursor)
    if not (reader.gap and FEW_AUTHORS < len(authors) <= FEW + 1):
        return None
    last = _last_near(reader, way, limit, cursor)
    rows = _rows(heads.posts_among(way, limit, AHEAD * limit, CROWD, are_read=False),
                 authors=authors, viewer=reader.user.id, cursor=cursor, last=last)
    if _are_crowded(rows):
        return None
    found = Found.flagged(rows, limit)
    if found.stopped_at is None and last != way.far_end:
        found.stopped_at = last
    return found


def _last_near(reader: Reader, way: Way, limit: int, cursor: int) -> int:
    """Up to where to look near the cursor: to the end when that is nearer."""
    first, newest = reader.ends
    reach = min(NEAR * limit, CROWD // 2) * reader.gap
    last = min(cursor, newest) - reach if way.is_older else max(cursor, first) + reach
    return last if first < last < newest else way.far_end


def _are_crowded(rows: list[sa.Row]) -> bool:
    return bool(rows) and bool(rows[0][1] & heads.CROWDED)


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
        found = _heads_beyond(reader.user, _ask_authors(reader, way, cursor), way, limit, cursor)
    nearest = [(author, head) for author, head in json.loads(found or '[]') if head is not None]
    return sorted(nearest, key=itemgetter(1), reverse=way.is_older)


def _heads_beyond(viewer: User, authors: list[int], way: Way, limit: int, cursor: int) -> str | None:
    values: dict[str, Any] = {'viewer': viewer.id}
    if not authors:  # the account went a moment ago
        return None
    if len(authors) <= FEW + 1:
        return db.session.scalar(heads.of_few(way, limit), values | {'beyond': (authors, cursor)})
    lists = [authors[start:start + LITERALS] for start in range(0, len(authors), LITERALS)]
    values |= {f'authors_{i}': ids for i, ids in enumerate(lists)} | {'cursor': cursor}
    return db.session.scalar(heads.of_lists(way, len(lists), limit), values)


def _ask_authors(reader: Reader, way: Way, cursor: int) -> list[int]:
    """The ids of the person and of those they follow, asked for once; with them, for a deep page, whether it has a
    neighbour on the other side and how far apart their posts lie, which would be statements of their own."""
    if reader.authors is not None:
        return reader.authors
    back, behind = (NEWER, cursor - 1) if way is OLDER else (OLDER, cursor + 1)
    is_deep = cursor == reader.page != way.start
    are_counted = is_deep and reader.user.following_number <= FEW
    row, = _rows(heads.authors(back if is_deep else None, are_counted), viewer=reader.user.id, cursor=behind)
    reader.authors = json.loads(row.ids or '[]')
    if is_deep:
        reader.neighbours[back, behind] = bool(row.is_found)
    if are_counted and row.first is not None:  # there are posts
        reader.ends = row.first, row.newest
        reader.gap = (row.newest - row.first) // max(int(row.posts or 0), 1)
    return reader.authors


def _rows(statement, **values) -> list[sa.Row]:
    return list(db.session.execute(statement, values).all())


def _dialect() -> str:
    return db.session.get_bind().dialect.name
