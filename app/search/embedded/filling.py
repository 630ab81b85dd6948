"""Bringing posts into `post_search` that were written before it was there, and comparing the two.

From the newest post to the oldest, some at a time, and how far it has come is kept in a row: so it begins by itself
after an upgrade, what is new is found first, and a process that is killed loses one step.
"""
from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from app.extensions import db
from app.models import MAX_ID, HiddenFromSearch, Post, SearchProgress, post_search, rows_changed, stored
from app.policies.visibility import is_listed
from app.search import Difference, engine
from app.search.indexing import document
from app.tasks import enqueue, every, job

FILLED, RENEWED = 'filled', 'renewed'
AT_ONCE = 500  # posts in a step; writers of SQLite wait for a tenth of a second
LOOKED_AT = 5000  # in a step that only compares
DONE = 0

_full: set[str] = set()  # databases that this process has seen filled


@every(timedelta(hours=1))
def fill_search() -> None:
    """Go on where filling was left, until every post is in; with another engine forget how far it was."""
    if engine().__name__ != 'app.search.embedded':
        rows_changed(sa.delete(SearchProgress).where(SearchProgress.name == FILLED))
    elif _step(FILLED, _missing):
        enqueue(fill_search)


@job
def index_author(author_id: int, before: int = MAX_ID) -> None:
    """Bring somebody's posts back, some at a time."""
    posts = _posts(Post.user_id == author_id, Post.id < before)
    _write(_missing(posts))
    if posts:
        enqueue(index_author, author_id=author_id, before=posts[-1].id)


@job
def forget_author(author_id: int) -> None:
    """Take the posts of somebody who is hidden out of the index, some at a time."""
    if db.session.get(HiddenFromSearch, author_id) is None:  # gone with all posts, or to be found again
        return
    entries = sa.select(post_search.c.post_id).join(Post, Post.id == post_search.c.post_id)
    ids = db.session.scalars(entries.where(Post.user_id == author_id).limit(AT_ONCE)).all()
    if ids:
        rows_changed(sa.delete(post_search).where(post_search.c.post_id.in_(ids)))
        enqueue(forget_author, author_id=author_id)


def author_added(user_id: int) -> None:
    """Bring back all posts of somebody who may be found again."""
    enqueue(index_author, author_id=user_id)


def author_removed(user_id: int) -> None:
    """Take all posts of a person out; no page shows them from now on, and those of a deleted account went with it."""
    if db.session.get(HiddenFromSearch, user_id) is not None:  # else they leave
        enqueue(forget_author, author_id=user_id)


def rebuild() -> Iterator[tuple[int, int]]:
    """Write the words of all posts anew: (done, in all) after each step."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Post)) or 0
    done = _behind(RENEWED, total)
    while step := _step(RENEWED, _renewed):
        done += step
        yield min(done, total), total
    for name in (FILLED, RENEWED):
        rows_changed(sa.delete(SearchProgress).where(SearchProgress.name == name))
    db.session.add(SearchProgress(name=FILLED, position=DONE))
    yield total, total


def check() -> Iterator[Difference]:
    """Compare the posts with their words in the table; that there are none without a post, the key makes sure."""
    dialect, position = db.session.get_bind().dialect, 0
    hidden = sa.or_(~is_listed(), sa.exists().where(HiddenFromSearch.user_id == Post.user_id))
    some = sa.select(Post.id, Post.body, Post.language, Post.user_id, post_search.c.words, hidden.label('is_hidden'))
    some = some.outerjoin(post_search, post_search.c.post_id == Post.id).order_by(Post.id).limit(LOOKED_AT)
    while posts := db.session.execute(some.where(Post.id > position)).all():
        missing = [post.id for post in posts if not post.is_hidden and post.words is None]
        yield Difference(len(posts), missing, [post.id for post in posts if _is_stray(post, dialect)])
        position = posts[-1].id


def _is_stray(post: sa.Row, dialect: sa.Dialect) -> bool:
    """True for words that should not be there, or that are not the post's."""
    return post.words is not None and (post.is_hidden or post.words != stored(_words(post), dialect))


def status() -> list[tuple[str, str]]:
    """What an operator asks."""
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(post_search))
    posts = db.session.scalar(sa.select(sa.func.count()).select_from(Post))
    return [('engine', f'embedded ({db.engine.dialect.name})'), ('state', state()),
            ('posts', str(posts)), ('in the index', str(entries))]


def state() -> str:
    """'filling' until every post is in; asked once more only while it is so."""
    address = str(db.engine.url)
    if address not in _full:
        if _position(FILLED) != DONE:
            return 'filling'
        _full.add(address)
    return 'ok'


def _step(name: str, chosen) -> int:
    """Take the next posts of a walk and write their words; how many posts that were."""
    position = _claim(name)
    posts = _posts(Post.id < position) if position else []
    _write(chosen(posts))
    rows_changed(sa.update(SearchProgress).where(SearchProgress.name == name).values(
        position=posts[-1].id if posts else DONE))
    return len(posts)


def _claim(name: str) -> int:
    """How far a walk is; its row stays locked, so that two processes never take the same step."""
    mine = SearchProgress.name == name
    if not rows_changed(sa.update(SearchProgress).where(mine).values(position=SearchProgress.position)):
        db.session.execute(sa.insert(SearchProgress).values(name=name, position=MAX_ID))
    return _position(name) or DONE


def _position(name: str) -> int | None:
    return db.session.scalar(sa.select(SearchProgress.position).where(SearchProgress.name == name))


def _behind(name: str, total: int) -> int:
    """How many posts a walk that was broken off has done."""
    position = _position(name)
    if position is None:
        return 0
    return total - (db.session.scalar(sa.select(sa.func.count()).select_from(Post).where(Post.id < position)) or 0)


def _posts(*conditions: sa.ColumnElement[bool]) -> list[sa.Row]:
    """The next posts, and whether they have words; nobody deletes them meanwhile."""
    entry = post_search.c.post_id
    rows = sa.select(Post.id, Post.body, Post.language, Post.user_id, entry.is_not(None).label('has_words'))
    rows = rows.outerjoin(post_search, entry == Post.id).where(*conditions)
    rows = rows.where(is_listed(), ~sa.exists().where(HiddenFromSearch.user_id == Post.user_id))
    of = Post if db.session.get_bind().dialect.name == 'postgresql' else None  # which cannot lock what may be missing
    return list(db.session.execute(rows.order_by(Post.id.desc()).limit(AT_ONCE).with_for_update(read=True, of=of)))


def _missing(posts: list[sa.Row]) -> list[sa.Row]:
    return [post for post in posts if not post.has_words]


def _renewed(posts: list[sa.Row]) -> list[sa.Row]:
    old = [post.id for post in posts if post.has_words]
    rows_changed(sa.delete(post_search).where(post_search.c.post_id.in_(old)))
    return posts


def _write(posts: list[sa.Row]) -> None:
    if posts:
        rows = [{'post_id': post.id, 'words': _words(post)} for post in posts]
        db.session.execute(sa.insert(post_search), rows)


def _words(post: sa.Row) -> list[str]:
    return document(post.body, post.language or '', post.user_id)
