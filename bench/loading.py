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
from app.models import Mention, Notification, Post, Submission, User, first_id, followers, post_tag, utcnow
from app.models.reach import Visibility
from bench import echoes, posts, rows, searching, words
from bench.rows import Rows
from bench.stores import Store

ROOT = Path(__file__).resolve().parent.parent
KEY = 'only for measuring: a key of more than 32 bytes'
TOLD_OF = 1000  # posts that notifications are about
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
    fill_notifications(store)
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
    _load(store, 'post', posts.POST, posts.posts(plan), plan.posts)
    _load(store, 'mention', echoes.MENTION, echoes.mentions(plan), plan.posts // 4)
    _load(store, 'tag', echoes.TAG, echoes.tags(), len(words.TAGS))
    _load(store, 'post_tag', echoes.POST_TAG, echoes.tagged(plan), plan.posts // 5)
    _load(store, 'post_like', echoes.LIKE, echoes.likes(plan), plan.posts // 2 + plan.authors)
    with store.engine().begin() as connection:
        count(connection)


def fill_search(store: Store) -> None:
    """Load the words of posts, unless they are there: a data set may be older than search. Where there are very many
    posts it has none: they would take longer than everything else."""
    if store.plan.posts > searching.MOST_POSTS:
        with store.engine().begin() as connection:
            searching.note_words(connection)
        return
    with store.engine().begin() as connection:
        if searching.has_words(connection):
            return
        searching.drop_index(connection)
        words = searching.words(store.plan, connection.dialect)
    _load(store, 'post_search', searching.WORDS, words, store.plan.posts)
    with store.engine().begin() as connection:
        searching.make_index(connection)
        searching.note_words(connection)


def fill_notifications(store: Store) -> None:
    """Load what people were told, each time: it is to be of the last weeks."""
    with store.engine().begin() as connection:
        connection.execute(sa.delete(Notification))
        connection.execute(sa.update(User).where(User.unread_notifications != 0).values(unread_notifications=0))
        told_of = connection.scalars(sa.select(Post.id).order_by(Post.id.desc()).where(
            Post.repost_of_id.is_(None), Post.visibility == Visibility.PUBLIC).limit(TOLD_OF)).all()
    people = store.plan.people * echoes.FEW
    _load(store, 'notification', echoes.NOTIFICATION, echoes.notifications(store.plan, told_of, utcnow()), people)


def is_whole(store: Store) -> bool:
    """True when the last step of filling was done, the counters, and there is everything that posts have today."""
    try:
        with store.engine().connect() as connection:
            counted, is_tagged = sa.func.sum(User.posts_count), sa.exists().select_from(post_tag)
            return all(connection.execute(sa.select(counted, is_tagged)).one())
    except sa.exc.DBAPIError:
        return False


def counts() -> dict:
    """What each counter of a person must be, by its column."""
    def number(table, key, *which):
        rows = sa.select(sa.func.count()).select_from(table).where(key == User.id, *which)
        return rows.correlate(User).scalar_subquery()
    is_counted = Post.visibility <= Visibility.UNLISTED, Post.repost_of_id.is_(None)
    return {User.posts_count: number(Post, Post.user_id, *is_counted),
            User.followers_number: number(followers, followers.c.followed_id),
            User.following_number: number(followers, followers.c.follower_id)}


def count(connection: sa.Connection, *ids: int) -> None:
    """Set the counters of these people, or of all."""
    chosen = User.id.in_(ids) if ids else sa.true()
    connection.execute(sa.update(User).where(chosen).values(counts()))


def forget_new_posts(store: Store) -> None:
    """Take away what an earlier run let people write."""
    newest = first_id(rows.END)
    with store.engine().begin() as connection:
        writers = connection.scalars(sa.select(Post.user_id).distinct().where(Post.id >= newest)).all()
        told = set(connection.scalars(sa.select(Notification.user_id).where(Notification.post_id >= newest)))
        for id in (Mention.post_id, post_tag.c.post_id, Notification.post_id, Post.id):
            connection.execute(sa.delete(id.table).where(id >= newest))
        connection.execute(sa.delete(Submission))
        connection.execute(sa.update(User).where(User.id.in_(told)).values(unread_notifications=0))
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
    raise RuntimeError(f'bench has to say what {column} holds')


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
