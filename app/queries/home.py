"""The home timeline: what the viewer and the people they follow wrote.

First a window of the newest ids of the whole site, then, for readers of quiet authors, the heads of everybody followed.
"""
import json
from collections.abc import Callable

from app.extensions import db
from app.models import Post, User
from app.queries import heads, windows
from app.queries.pages import Found, Way

WINDOW = 4096
FEW = 200  # sources whose heads cost less than a window
LITERALS = 999  # from 1,000 on MariaDB turns a list into a subquery and loses the loose index scan


def find(viewer: User, authors: Callable[[], list[int]], way: Way, cursor: int, limit: int) -> Found:
    """The nearest posts beyond the cursor."""
    if viewer.following_number > FEW:
        posts = _posts(windows.home(_dialect(), way, WINDOW, limit), viewer=viewer.id, cursor=cursor)
        if len(posts) == limit:
            return Found(posts)
    if _dialect() == 'mysql':
        return _find_by_lists(viewer, authors(), way, cursor, limit)
    return Found(_posts(heads.posts(_dialect(), way, limit), viewer=viewer.id, cursor=cursor))


def has_any(viewer: User, way: Way, cursor: int) -> bool:
    """True when there is a post beyond the cursor."""
    values = {'viewer': viewer.id, 'cursor': cursor}
    return db.session.scalar(heads.anybody(_dialect(), way), values) is not None


def authors_of(viewer: User) -> list[int]:
    """The ids of the viewer and of those they follow, who are not suspended."""
    return json.loads(db.session.scalar(heads.authors(), {'viewer': viewer.id}) or '[]')


def _find_by_lists(viewer: User, authors: list[int], way: Way, cursor: int, limit: int) -> Found:
    """MariaDB seeks the heads only of a literal list of authors, and knows no lateral join."""
    lists = [authors[start:start + LITERALS] for start in range(0, len(authors), LITERALS)]
    listed = {f'authors_{i}': ids for i, ids in enumerate(lists)}
    nearest = db.session.execute(heads.of_lists(way, len(lists), limit), {**listed, 'cursor': cursor}).all()
    if not nearest:
        return Found([])
    is_full = len(nearest) == limit
    values = {f'author_{i}': author for i, (author, _head) in enumerate(nearest)}
    values |= {'viewer': viewer.id, 'cursor': cursor, 'last': nearest[-1].head if is_full else way.far_end}
    posts = _posts(heads.posts_of(way, limit, len(nearest)), **values)
    # A head that was deleted meanwhile vouches for nothing behind the last one.
    return Found(posts, values['last'] if is_full and len(posts) < limit else None)


def _posts(statement, **values) -> list[Post]:
    return list(db.session.scalars(statement, values))


def _dialect() -> str:
    return db.session.get_bind().dialect.name
