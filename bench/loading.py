"""Filling a database: the project's own migrations, then the rows, then the counters."""
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app import db
from app.models import Post, User, followers
from bench import rows, searching
from bench.rows import Rows
from bench.stores import Store

ROOT = Path(__file__).resolve().parent.parent
KEY = 'only for measuring: a key of more than 32 bytes'
FOLLOWS_EACH = 20  # about, for the progress that is shown


def settings(store: Store) -> dict[str, str]:
    """The environment of a site on this database: nothing of the outer one that could turn something on."""
    outer = {name: os.environ[name] for name in ('PATH', 'LANG', 'HOME') if name in os.environ}
    return {**outer, 'DATABASE_URL': store.address, 'SECRET_KEY': KEY, 'MAIL_SERVER': '', 'REDIS_URL': '',
            'CELERY_BROKER_URL': '', 'LOG_FOLDER': str(store.folder / 'logs')}


def prepare(store: Store) -> float:
    """Make the data set, or bring the one of an earlier run up to date; how many seconds that took."""
    began = time.monotonic()
    store.folder.mkdir(parents=True, exist_ok=True)
    if not (store.exists() and is_whole(store)):
        print(f'{store.kind}: making {store.plan.name} posts by {store.plan.people} people', file=sys.stderr)
        store.create()
        migrate(store)
        fill(store)
    else:
        migrate(store)
        forget_new_posts(store)
    fill_search(store)
    return time.monotonic() - began


def migrate(store: Store) -> None:
    """`flask db upgrade`; RuntimeError with what it says when it fails."""
    done = subprocess.run([sys.executable, '-m', 'flask', '--app', 'microblog', 'db', 'upgrade'], cwd=ROOT,
                          env=settings(store), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def fill(store: Store) -> None:
    """Load the rows and set the counters."""
    plan = store.plan
    _load(store, 'user', rows.PERSON, rows.people(plan), plan.people)
    _load(store, 'followers', rows.FOLLOW, rows.follows(plan), plan.authors * FOLLOWS_EACH)
    _load(store, 'post', rows.POST, rows.posts(plan), plan.posts)
    with store.engine().begin() as connection:
        count(connection)


def fill_search(store: Store) -> None:
    """Load the words of posts, unless they are there: a data set may be older than search."""
    with store.engine().begin() as connection:
        if searching.has_words(connection):
            return
        searching.drop_index(connection)
        words = searching.words(store.plan, connection.dialect)
    _load(store, 'post_search', searching.WORDS, words, store.plan.posts)
    with store.engine().begin() as connection:
        searching.make_index(connection)
        searching.note_words(connection)


def is_whole(store: Store) -> bool:
    """True when the last step of filling was done: the counters have their sum."""
    try:
        with store.engine().connect() as connection:
            return (connection.scalar(sa.select(sa.func.sum(User.posts_count))) or 0) >= store.plan.posts
    except sa.exc.DBAPIError:
        return False


def counts() -> dict:
    """What each counter of a person must be, by its column."""
    def number(table, key):
        return sa.select(sa.func.count()).select_from(table).where(key == User.id).correlate(User).scalar_subquery()
    return {User.posts_count: number(Post, Post.user_id),
            User.followers_number: number(followers, followers.c.followed_id),
            User.following_number: number(followers, followers.c.follower_id)}


def count(connection: sa.Connection, *ids: int) -> None:
    """Set the counters of these people, or of all."""
    chosen = User.id.in_(ids) if ids else sa.true()
    connection.execute(sa.update(User).where(chosen).values(counts()))


def forget_new_posts(store: Store) -> None:
    """Take away what an earlier run let people write."""
    newest = rows.first_id(rows.END)
    with store.engine().begin() as connection:
        writers = connection.scalars(sa.select(Post.user_id).distinct().where(Post.id >= newest)).all()
        connection.execute(sa.delete(Post).where(Post.id >= newest))
        for name in ('submission', 'notification'):
            connection.execute(sa.delete(db.metadata.tables[name]))
        if writers:
            count(connection, *writers)


def _load(store: Store, name: str, given: tuple[str, ...], blocks: Iterable[Rows], total: int) -> None:
    others = {column.name: _default(column) for column in db.metadata.tables[name].columns if column.name not in given}
    usual = tuple(others.values())
    whole = ([row + usual for row in block] for block in blocks)
    store.load(name, [*given, *others], shown(whole, name, total))


def _default(column: sa.Column) -> object:
    """What a row has that says nothing of this column."""
    if isinstance(column.default, ScalarElementColumnDefault):
        value = column.default.arg
        return int(value) if isinstance(value, bool) else value
    if column.nullable:
        return None
    raise RuntimeError(f'bench/rows.py has to say what {column} holds')


def shown(blocks: Iterable[Rows], what: str, total: int) -> Iterator[Rows]:
    """The same blocks, while a line says how far they are."""
    done, began, last = 0, time.monotonic(), 0.0
    for block in blocks:
        yield block
        done += len(block)
        if time.monotonic() - last > 1:
            last = time.monotonic()
            print(f'\r  {what}: {done:,} of about {total:,} ', end='', file=sys.stderr, flush=True)
    print(f'\r  {what}: {done:,} in {time.monotonic() - began:.1f} s{" " * 20}', file=sys.stderr, flush=True)
