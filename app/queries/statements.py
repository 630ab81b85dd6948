"""The pieces that statements of timelines are built from.

Each statement is built once, as building costs more than running it. Limits are written out: a planner that does not
know them prepares for reading everything.
"""
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models import Mute, Post, User
from app.policies.relations import follows
from app.policies.visibility import is_author_read_by, is_open_to, visible_to
from app.queries.pages import Way

CURSOR = sa.bindparam('cursor', type_=sa.BigInteger)
VIEWER = sa.bindparam('viewer', type_=sa.BigInteger)
AUTHOR = sa.bindparam('author', type_=sa.BigInteger)
LAST = sa.bindparam('last', type_=sa.BigInteger)
# Where MariaDB could choose another index, which is as good until somebody has very many posts.
FORCE_INDEX = 'FORCE INDEX (%s)'
_SOMEBODY: Any = SimpleNamespace(id=VIEWER)

_ORIGINAL, _ITS_AUTHOR = so.aliased(Post, name='original'), so.aliased(User, name='its_author')
_ANSWERED = so.aliased(User, name='answered')
_SHOWN = User.username, User.name, User.avatar_version


def reader_of(is_public: bool) -> Any:
    """Whoever is bound as :viewer, or None for everybody, as policies take them."""
    return None if is_public else _SOMEBODY


def is_visible(is_public: bool = False) -> sa.ColumnElement[bool]:
    """`visible_to` for whoever is bound as :viewer, or for everybody."""
    return visible_to(reader_of(is_public))


def is_for_home(post: Any = Post) -> sa.ColumnElement[bool]:
    """That a post of somebody whom :viewer follows, or their own, is for their home: no answer to a stranger is.

    Whether its author may be read at all is asked beforehand, by `with_shown`.
    """
    concerns = sa.or_(post.parent_id.is_(None), post.user_id == VIEWER, post.parent_author_id == VIEWER,
                      post.parent_author_id == post.user_id, follows(VIEWER, post.parent_author_id))
    return sa.and_(concerns, _is_of_somebody_heard(post), is_open_to(_SOMEBODY, post))


def _is_of_somebody_heard(post: Any) -> sa.ColumnElement[bool]:
    """That :viewer has not muted the author of what a repost passes on."""
    original = so.aliased(Post)
    muted = sa.select(Mute.muted_id).join(original, original.user_id == Mute.muted_id)
    muted = muted.where(original.id == post.repost_of_id, Mute.muter_id == VIEWER, Mute.is_on())
    return muted.correlate_except(Mute, original).scalar_subquery().is_(None)


def posts_for(is_public: bool = False) -> sa.Select:
    """The posts that may be read, each with what a list shows of it in the same row."""
    return posts_where(is_public, is_visible(is_public))


def posts_where(is_public: bool, *conditions: sa.ColumnElement[bool]) -> sa.Select:
    """The posts of which all of this is true, each with what a list shows of it in the same row."""
    return _with_neighbours(is_public, sa.select(Post), so.join(Post, User, Post.author)).where(*conditions)


def posts_in(way: Way, ids: sa.Select | sa.CompoundSelect, beside: sa.ColumnElement,
             is_public: bool = False) -> sa.Select:
    """(post, what stands beside it) for these few ids, which are found first: mostly whether the post is wanted, as
    what is not wanted tells how far it was."""
    few = ids.subquery('few')
    rows = sa.join(few, Post, Post.id == few.c.id).join(User, User.id == Post.user_id)
    posts = _with_neighbours(is_public, sa.select(Post, beside.label('beside')), rows)
    return posts.prefix_with('STRAIGHT_JOIN', dialect='mysql').order_by(way.order(Post.id))


def last_of(way: Way, few: sa.FromClause, size: int) -> sa.Select:
    """The last of these ids, of which at most so many were asked for; NULL when there are no more."""
    return sa.select(sa.case((sa.func.count() == number(size), way.last(few.c.id)))).select_from(few)


def _with_neighbours(is_public: bool, posts: sa.Select, rows: Any) -> sa.Select:
    """With author, original and whom it answers, if the reader may read them; of people only what a list shows: they
    have twenty columns more."""
    answered = sa.and_(_ANSWERED.id == Post.parent_author_id, is_author_read_by(reader_of(is_public), _ANSWERED))
    rows = rows.outerjoin(_ORIGINAL, _ORIGINAL.id == Post.repost_of_id).outerjoin(
        _ITS_AUTHOR, _ITS_AUTHOR.id == _ORIGINAL.user_id).outerjoin(_ANSWERED, answered)
    return posts.select_from(rows).options(
        so.contains_eager(Post.author).load_only(*_SHOWN),
        so.contains_eager(Post.parent_author.of_type(_ANSWERED)).load_only(_ANSWERED.username, _ANSWERED.name),
        so.contains_eager(Post.original.of_type(_ORIGINAL)).contains_eager(
            _ORIGINAL.author.of_type(_ITS_AUTHOR)).load_only(
                _ITS_AUTHOR.username, _ITS_AUTHOR.name, _ITS_AUTHOR.avatar_version))


def with_shown(dialect: str, rows: sa.Select, author, is_public: bool = False) -> sa.Select:
    """Only the rows with an author whose posts may be read."""
    is_read = is_author_read_by(reader_of(is_public))
    if dialect != 'postgresql':
        return rows.join(User, User.id == author).where(is_read)
    shown = sa.select(User.id).where(User.id == author, is_read).limit(number(1))
    return rows.join(shown.correlate(author.table).lateral('shown'), sa.true())  # never by a scan of all people


def one_of(dialect: str, column: Any, name: str) -> sa.ColumnElement[bool]:
    """That a column has one of the numbers that are bound as a list: one text however many they are, which is neither
    written nor planned anew; only MariaDB is told them in its text."""
    if dialect == 'mysql':
        return within(column, name)
    if dialect == 'postgresql':
        from sqlalchemy.dialects import postgresql  # here, because the others' workers do without its 2 MB
        return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(sa.BigInteger)))
    numbers = sa.func.json_each(sa.bindparam(name, type_=sa.JSON)).table_valued('value')
    return column.in_(sa.select(numbers.c.value))


def within(column: Any, name: str) -> sa.ColumnElement[bool]:
    """MariaDB: the same with the numbers in the text, for each that is bound takes 10 us on its way."""
    return column.op('IN', is_comparison=True)(sa.bindparam(name, type_=_Numbers(), literal_execute=True))


class _Numbers(sa.types.UserDefinedType[list[int]]):
    cache_ok = True

    def literal_processor(self, dialect):
        """How they are written; no number is among none."""
        return lambda numbers: f'({", ".join(str(int(number)) for number in numbers) or "NULL"})'


def number(number: int) -> sa.ColumnClause:
    """A number that is part of the statement."""
    return sa.literal_column(str(number))
