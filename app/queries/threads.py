"""Threads: what stands above a post, and the answers to it as a tree. Every statement reads a bounded number of rows.

A thread of 10,000 answers, or one that is 5,000 answers deep, costs what a small one costs: the answers come in pages,
of the answers to those a few each, and what stands above is as much as fits on a screen or two.
"""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import MAX_ID, DeletedPost, Post, User
from app.policies.visibility import visible_to, was_public_to
from app.queries.pages import NEWER, Found, cut, gather
from app.queries.statements import AUTHOR, CURSOR, LAST, is_visible, number, posts_in, reader_of

ABOVE = 20
CONTINUED = 25
LOOKED_AT = 200  # posts that an author wrote next, among which the continuation of a thread is looked for
BELOW = (3, 2)  # answers that are shown of each answer, and of each of those
STUBS = 25
WHOLE = 100
HIDDEN, READ, ANSWERED = range(3)
ID = sa.bindparam('id', type_=sa.BigInteger)
IDS: Any = sa.bindparam('ids', expanding=True)


@dataclass
class Node:
    """A post of a thread, or the place of one that is gone: None; `below` are answers, and perhaps there are more."""

    id: int
    post: Post | None = None
    is_deleted: bool = False
    below: list['Node'] = field(default_factory=list)
    has_more: bool = False


@dataclass
class Surroundings:
    """What is shown around a post: `above` from the oldest on, and the posts where that and the answers go on."""

    above: list[Node] = field(default_factory=list)
    earlier: int | None = None
    continued: list[Node] = field(default_factory=list)
    answers: list[Node] = field(default_factory=list)
    later: int | None = None

    @property
    def posts(self) -> list[Post]:
        """Every post that is shown."""
        nodes = [*self.above, *self.continued, *self.answers]
        below = [node for each in nodes for node in each.below]
        nodes += below + [node for each in below for node in each.below]
        return [node.post for node in nodes if node.post is not None]


def around(viewer: User | None, post: Post, after: int | None, count: int) -> Surroundings:
    """A page of a thread: the answers from the oldest on, those by which the author goes on first of all."""
    thread = Surroundings()
    if post.parent_id is not None:
        thread.above, thread.earlier = _above(viewer, post)
    continued = _continued(viewer, post)
    if after is None:
        thread.continued = [Node(each.id, each) for each in continued]
    skipped = {each.id for each in continued}
    answers, thread.later = cut(_answers(viewer, post, skipped, after or 0, count + 1), count)
    nodes = [Node(each.id, each) for each in answers]
    thread.answers = _with_stubs(viewer, post, nodes, after or 0, thread.later)
    _add_below(viewer, [*thread.continued, *thread.answers], skipped)
    return thread


def whole(viewer: User | None, post: Post, after: int | None) -> tuple[list[Node], int | None]:
    """The posts of a thread in their order, with the places of deleted ones that they answer, each on the first page
    that needs it, and the cursor of what follows."""
    root = post.root_id or post.id
    ids = _beginning(sa.select(Post.id), Post.root_id, root, after or 0, Post.id).limit(WHOLE)
    found = list(db.session.scalars(ids))
    posts = _posts(viewer, found if after else [root, *found])
    answered = {each.parent_id or root for each in posts} - {each.id for each in posts}
    nodes = [Node(each.id, each) for each in posts]
    nodes += [Node(id, is_deleted=True) for id in _gone(viewer, answered, after or 0)]
    return sorted(nodes, key=lambda node: node.id), found[-1] if len(found) == WHOLE else None


def _above(viewer: User | None, post: Post) -> tuple[list[Node], int | None]:
    ids = list(db.session.scalars(_ancestors(), {'id': post.parent_id}))
    nodes = _nodes(viewer, ids[:ABOVE])[::-1]
    first = next((node.id for node in nodes if node.post is not None), None)  # what is hidden has no page to go on at
    return nodes, first if len(ids) > ABOVE else None


def _nodes(viewer: User | None, ids: list[int]) -> list[Node]:
    """Places in a thread: of a deleted post that everybody could read it is said that it was deleted."""
    posts = {post.id: post for post in _posts(viewer, ids)}
    gone = _gone(viewer, {id for id in ids if id not in posts})
    return [Node(id, posts.get(id), id in gone) for id in ids]


def _gone(viewer: User | None, ids: set[int], cursor: int = 0) -> set[int]:
    """Which of these posts were deleted that everybody could read; not those answered up to the cursor already."""
    values = _values(viewer, ids=list(ids), cursor=cursor)
    return set(db.session.scalars(_deleted(viewer is None), values)) if ids else set()


@cache
def _deleted(is_public: bool) -> sa.Select:
    reader, answer, author = reader_of(is_public), so.aliased(Post), so.aliased(User)
    is_answered = sa.exists().where(answer.parent_id == DeletedPost.id, answer.id <= CURSOR,
                                    author.id == answer.user_id, visible_to(reader, answer, author))
    return sa.select(DeletedPost.id).where(DeletedPost.id.in_(IDS), was_public_to(reader), ~is_answered)


@cache
def _ancestors() -> sa.Select:
    """The ids above a post and one more, the nearest first; the deleted ones know theirs as well."""
    def parent_of(id):
        post, deleted = sa.alias(Post.__table__), sa.alias(DeletedPost.__table__)
        return sa.func.coalesce(sa.select(post.c.parent_id).where(post.c.id == id).scalar_subquery(),
                                sa.select(deleted.c.parent_id).where(deleted.c.id == id).scalar_subquery())
    up = sa.select(sa.cast(ID, sa.BigInteger).label('id'), number(1).label('depth')).cte('up', recursive=True)
    more = sa.select(parent_of(up.c.id), up.c.depth + number(1)).where(up.c.depth <= ABOVE, up.c.id.is_not(None))
    up = up.union_all(more)
    return sa.select(up.c.id).where(up.c.id.is_not(None)).order_by(up.c.depth)


def _continued(viewer: User | None, post: Post) -> list[Post]:
    """How the author goes on: answers to their own post, to the last of those, and so on."""
    chain = [post.id]
    for id, parent in db.session.execute(_own_answers(_dialect()), {'author': post.user_id, 'cursor': post.id}):
        if parent == chain[-1] and len(chain) <= CONTINUED:
            chain.append(id)
    return _posts(viewer, chain[1:])


@cache
def _own_answers(dialect: str) -> sa.Select:
    """Of what :author wrote next the answers to themselves."""
    rows = sa.select(Post.id, Post.parent_id, Post.parent_author_id)
    later = _beginning(rows, Post.user_id, AUTHOR, CURSOR, Post.id, dialect).limit(number(LOOKED_AT)).subquery()
    own = sa.select(later.c.id, later.c.parent_id).where(later.c.parent_author_id == AUTHOR)
    return own.order_by(later.c.id)


def _answers(viewer: User | None, post: Post, skipped: set[int], cursor: int, limit: int) -> Found:
    """The next answers; `skipped` are shown elsewhere."""
    def look(cursor: int) -> Found:
        statement = _children(_dialect(), limit, viewer is None)
        rows = db.session.execute(statement, _values(viewer, cursor=cursor, id=post.id))
        found = Found.among(_noted(rows), limit)
        return Found([each for each in found.posts if each.id not in skipped], found.stopped_at)
    return gather(look, cursor, limit)


@cache
def _children(dialect: str, limit: int, is_public: bool) -> sa.Select:
    post = sa.alias(Post.__table__)
    ids = _beginning(sa.select(post.c.id), post.c.parent_id, ID, CURSOR, post.c.id, dialect)
    return posts_in(NEWER, ids.limit(number(limit)), _state(is_public), is_public)


def _with_stubs(viewer: User | None, post: Post, nodes: list[Node], first: int, last: int | None) -> list[Node]:
    """With the places of answers that were deleted and were themselves answered."""
    values = _values(viewer, id=post.id, cursor=first, last=last or MAX_ID)
    nodes += [Node(id, is_deleted=True) for id in db.session.scalars(_stubs(viewer is None), values)]
    return sorted(nodes, key=lambda node: node.id)


@cache
def _stubs(is_public: bool) -> sa.Select:
    answer = sa.alias(Post.__table__)
    gone = sa.select(DeletedPost.id).where(
        DeletedPost.parent_id == ID, DeletedPost.id > CURSOR, DeletedPost.id < LAST,
        was_public_to(reader_of(is_public)), sa.exists().where(answer.c.parent_id == DeletedPost.id))
    return gone.order_by(DeletedPost.id).limit(STUBS)


def _add_below(viewer: User | None, nodes: list[Node], skipped: set[int]) -> None:
    """Add some answers to these, and to those; who wants more opens the post itself."""
    for most in BELOW:
        answered = [node.id for node in nodes if node.post is None or node.post.is_answered]
        found = _some_below(viewer, answered, most + 1)
        below = []
        for node in nodes:
            rows = found.get(node.id, [])
            children = [child for child in rows if child is not None and child.id not in skipped]
            node.below = [Node(child.id, child) for child in children[:most]]
            counted = node.post.replies_count if node.post is not None else 0
            node.has_more = len(rows) > most and max(len(children) - most, counted - len(children)) > 0
            below += node.below
        nodes = below
    for node in nodes:
        node.has_more = node.post is not None and node.post.replies_count > 0


def _some_below(viewer: User | None, parents: list[int], most: int) -> dict[int, list[Post | None]]:
    """The oldest answers to each of these posts, up to so many; None in the place of one that may not be read."""
    if not parents:
        return {}
    branches = -(-len(parents) // 8) * 8  # few statements, not one for each number
    values = {f'parent_{i}': id for i, id in enumerate(parents + [0] * (branches - len(parents)))}
    found: dict[int, list[Post | None]] = {}
    statement = _below_each(_dialect(), branches, most, viewer is None)
    for post, state in _noted(db.session.execute(statement, _values(viewer, **values))):
        found.setdefault(post.parent_id, []).append(post if state else None)
    return found


@cache
def _below_each(dialect: str, branches: int, most: int, is_public: bool) -> sa.Select:
    def of(i: int) -> sa.Select:
        post = sa.alias(Post.__table__)
        parent = sa.bindparam(f'parent_{i}', type_=sa.BigInteger)
        ids = _beginning(sa.select(post.c.id), post.c.parent_id, parent, number(0), post.c.id, dialect)
        return sa.select(ids.limit(number(most)).subquery().c.id)
    return posts_in(NEWER, sa.union_all(*(of(i) for i in range(branches))), _state(is_public), is_public)


def _beginning(rows: sa.Select, column: Any, value: Any, cursor: Any, id: Any, dialect: str = '') -> sa.Select:
    """The rows with a value from an id on, in order, in words that only the index of both can sort on PostgreSQL."""
    if (dialect or _dialect()) == 'postgresql':
        rows = rows.where(sa.tuple_(column, id) > sa.tuple_(value, cursor), column <= value)
    else:
        rows = rows.where(column == value, id > cursor)
    return rows.order_by(column, id)


def _dialect() -> str:
    return db.session.get_bind().dialect.name


def _posts(viewer: User | None, ids: list[int]) -> list[Post]:
    """Those of the posts that may be read, the oldest first."""
    if not ids:
        return []
    rows = _noted(db.session.execute(_few(viewer is None), _values(viewer, ids=ids)))
    return [post for post, state in rows if state]


@cache
def _few(is_public: bool) -> sa.Select:
    """Built once: a page asks for two or three of such lists."""
    post = sa.alias(Post.__table__)
    few = sa.select(post.c.id).where(post.c.id.in_(IDS)).limit(number(WHOLE + 1))  # else it may begin at the authors
    return posts_in(NEWER, few, _state(is_public), is_public)


def _state(is_public: bool) -> sa.ColumnElement[int]:
    """HIDDEN, READ or ANSWERED: whether a post may be read, and whether there is anything to look for below it."""
    child = sa.alias(Post.__table__)
    answer = sa.select(child.c.id).where(child.c.parent_id == Post.id).limit(number(1)).scalar_subquery()
    read = sa.case((answer.is_not(None), number(ANSWERED)), else_=number(READ))
    return sa.case((is_visible(is_public), read), else_=number(HIDDEN))


def _noted(rows: Iterable[sa.Row]) -> Sequence[sa.Row]:
    """Rows (post, state), with at each post whether it is answered."""
    found = list(rows)
    for post, state in found:
        post.is_answered = state == ANSWERED
    return found


def _values(viewer: User | None, **values) -> dict:
    return values if viewer is None else values | {'viewer': viewer.id}
