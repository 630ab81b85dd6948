"""The pieces that statements of timelines are built from.

Each statement is built once, as building costs more than running it. Limits are written out: a planner that does not
know them prepares for reading everything.
"""
from types import SimpleNamespace

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models import Post, User
from app.policies.visibility import visible_to
from app.queries.pages import Way

CURSOR = sa.bindparam('cursor', type_=sa.BigInteger)
VIEWER = sa.bindparam('viewer', type_=sa.BigInteger)
AUTHOR = sa.bindparam('author', type_=sa.BigInteger)
LAST = sa.bindparam('last', type_=sa.BigInteger)
_SOMEBODY = SimpleNamespace(id=VIEWER)


def is_visible(is_public: bool = False) -> sa.ColumnElement[bool]:
    """`visible_to` for whoever is bound as :viewer, or for everybody."""
    return visible_to(None if is_public else _SOMEBODY)  # type: ignore[arg-type]


def posts_for(is_public: bool = False) -> sa.Select:
    """The posts that may be read, each with its author in the same row."""
    return _readable(so.join(Post, User, Post.author), is_public)


def posts_in(way: Way, ids: sa.Select | sa.CompoundSelect, is_public: bool = False) -> sa.Select:
    """The posts with these few ids, which are found first."""
    few = ids.subquery('few')
    rows = sa.join(few, Post, Post.id == few.c.id).join(User, User.id == Post.user_id)
    posts = _readable(rows, is_public).prefix_with('STRAIGHT_JOIN', dialect='mysql')
    return posts.order_by(way.order(Post.id))


def _readable(rows: sa.FromClause, is_public: bool) -> sa.Select:
    """Of the author only what a list shows is read: a person has twenty columns more."""
    author = so.contains_eager(Post.author).load_only(User.username, User.name, User.avatar_version)
    posts = sa.select(Post).select_from(rows).options(author)
    return posts.where(is_visible(is_public))


def with_shown(dialect: str, rows: sa.Select, author, is_public: bool = False) -> sa.Select:
    """Only the rows whose author may be read."""
    if dialect != 'postgresql':
        return rows.join(User, User.id == author).where(is_visible(is_public))
    shown = sa.select(User.id).where(User.id == author, is_visible(is_public)).limit(number(1))
    return rows.join(shown.correlate(author.table).lateral('shown'), sa.true())  # never by a scan of all people


def number(number: int) -> sa.ColumnClause:
    """A number that is part of the statement."""
    return sa.literal_column(str(number))
