"""Cursor paging: a page is an exact range of ids, found by walking away from a cursor in one direction."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.models import MAX_ID, Post

WANTED, LAST_SEEN = 1, 2  # what a statement says of a post, as flags: for the page, and the last that was looked at


@dataclass(frozen=True)
class Way:
    """A direction in time; every statement exists once for each."""

    name: str

    @property
    def is_older(self) -> bool:
        return self.name == 'older'

    @property
    def start(self) -> int:
        """Where a walk over everything begins."""
        return MAX_ID if self.is_older else 0

    @property
    def far_end(self) -> int:
        """Behind every post."""
        return 0 if self.is_older else MAX_ID

    def beyond(self, column, cursor) -> sa.ColumnElement[bool]:
        """What lies behind the cursor, the cursor itself not."""
        return column < cursor if self.is_older else column > cursor

    def within(self, column, last) -> sa.ColumnElement[bool]:
        """What does not lie behind the last id that is to be looked at."""
        return column >= last if self.is_older else column <= last

    def order(self, column) -> sa.UnaryExpression:
        """The nearest first."""
        return column.desc() if self.is_older else column.asc()

    def first(self, column) -> sa.Function:
        """The nearest of all."""
        return sa.func.max(column) if self.is_older else sa.func.min(column)

    def last(self, column) -> sa.Function:
        """The farthest of all."""
        return sa.func.min(column) if self.is_older else sa.func.max(column)


OLDER, NEWER = Way('older'), Way('newer')


@dataclass
class Found:
    """What a walk found, nearest first; `stopped_at` is the last id looked at when there may be more behind it."""

    posts: list[Post]
    stopped_at: int | None = None

    @classmethod
    def among(cls, rows: Sequence, limit: int) -> 'Found':
        """What is wanted among rows (post, is_wanted), of which at most so many were asked for."""
        return cls([row[0] for row in rows if row[1]], rows[-1][0].id if len(rows) == limit else None)

    @classmethod
    def flagged(cls, rows: Sequence, limit: int) -> 'Found':
        """What is WANTED among rows (post, flags), of which at most so many were asked for or the last is LAST_SEEN."""
        is_more = len(rows) == limit or any(row[1] & LAST_SEEN for row in rows[-1:])
        return cls([row[0] for row in rows if row[1] & WANTED], rows[-1][0].id if is_more else None)


def gather(look: Callable[[int], Found], cursor: int, limit: int, looks: int = 3) -> Found:
    """Look again behind what is not for the reader, a bounded number of times."""
    posts: list[Post] = []
    for _look in range(looks):
        found = look(cursor)
        posts += found.posts
        if len(posts) >= limit or found.stopped_at is None:
            return Found(posts[:limit])
        cursor = found.stopped_at
    return Found(posts, cursor)


@dataclass
class Page:
    """A page of posts, newest first, with the cursors of its neighbours: `?after=newer` and `?before=older`."""

    posts: list[Post] = field(default_factory=list)
    newer: int | None = None
    older: int | None = None

    @property
    def is_empty(self) -> bool:
        """True when the whole list is empty, not only this range of it."""
        return not self.posts and self.newer is None and self.older is None


@dataclass(frozen=True)
class Walk:
    """How one list is read: up to `limit` posts beyond a cursor, and whether there is any."""

    find: Callable[[Way, int, int], Found]
    has_any: Callable[[Way, int], bool]

    def page(self, before: int | None, after: int | None, count: int) -> Page:
        """The `count` posts just below `before` or just above `after`, else the newest; where there are none, the
        nearest ones."""
        if after is not None:
            return self._above(after, count)
        if before is not None:
            return self._below(before, count)
        return self._newest(count)

    def _filled(self, top: list[Post], count: int) -> Page:
        """Near the top the newest page is whole: what was posted meanwhile pushes nothing off it."""
        found = self.find(OLDER, top[0].id, count + 1)
        posts = (top[::-1] + found.posts)[:count]
        return Page(posts, None, posts[-1].id if len(top) + len(found.posts) > count else found.stopped_at)

    def _newest(self, count: int) -> Page:
        posts, older = cut(self.find(OLDER, OLDER.start, count + 1), count)
        return Page(posts, None, older)

    def _below(self, cursor: int, count: int) -> Page:
        posts, older = cut(self.find(OLDER, cursor, count + 1), count)
        if not posts and older is None:
            return self._above(cursor - 1, count, is_end=True)
        newer = (posts[0].id if posts else cursor - 1) if self.has_any(NEWER, cursor - 1) else None
        return Page(posts, newer, older)

    def _above(self, cursor: int, count: int, is_end: bool = False) -> Page:
        posts, newer = cut(self.find(NEWER, cursor, count + 1), count)
        if newer is None:
            return self._filled(posts, count) if posts else self._newest(count)
        posts.reverse()
        older = (posts[-1].id if posts else cursor + 1) if not is_end and self.has_any(OLDER, cursor + 1) else None
        return Page(posts, newer, older)


def cut(found: Found, count: int) -> tuple[list[Post], int | None]:
    """The posts of a page and the cursor of the next page that way."""
    posts = found.posts[:count]
    return posts, posts[-1].id if len(found.posts) > count else found.stopped_at
