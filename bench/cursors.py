"""Where page 100 of a list begins: computed from the data by the plainest statement, and kept for the next run."""
import json
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from app.models import Like, Post, User, Visibility, followers, post_tag
from app.models.ids import EPOCH
from bench.stores import Store

POSTS_PER_PAGE = 25
MICROSECOND = EPOCH.resolution


class Cursors:
    """The cursors of one data set, by list and number of the page; computed once, since a deep page is a long walk."""

    def __init__(self, store: Store):
        self.path = store.cursors
        self.engine = store.engine()
        self.known = json.loads(self.path.read_text()) if self.path.exists() else {}

    def of(self, name: str, rows: sa.Select, number: int) -> tuple[int, str]:
        """The deepest page that the list has, up to `number`, and the cursor that its address has; '' for page 1."""
        key = f'{name} {number}'
        if key not in self.known:
            self.known[key] = self._find(rows, number)
            self.path.write_text(json.dumps(self.known, indent=1))
        found = self.known[key]
        return found[0], found[1]

    def person(self, column: sa.SQLColumnExpression) -> tuple[int, str]:
        """Who has most of it: id and username."""
        key = f'most {column}'
        if key not in self.known:
            most = sa.select(User.id, User.username).order_by(column.desc(), User.id).limit(1)
            with self.engine.connect() as connection:
                self.known[key] = list(connection.execute(most).one())
        return self.known[key][0], self.known[key][1]

    def first(self) -> int:
        """The first post of all, which has the most likes and answers."""
        if 'first' not in self.known:
            with self.engine.connect() as connection:
                self.known['first'] = connection.scalar(sa.select(sa.func.min(Post.id)))
        return self.known['first']

    def _find(self, rows: sa.Select, number: int) -> tuple[int, str]:
        with self.engine.connect() as connection:
            while number > 1:
                last_before = rows.offset((number - 1) * POSTS_PER_PAGE - 1).limit(2)
                found = connection.execute(last_before).all()
                if len(found) == 2:  # and the page itself has something
                    return number, cursor_of(found[0])
                bare = rows.order_by(None).subquery()
                total = connection.scalar(sa.select(sa.func.count()).select_from(bare)) or 0
                number = min(number - 1, max((total - 1) // POSTS_PER_PAGE + 1, 1))
        return 1, ''


def cursor_of(row: sa.Row) -> str:
    """What an address says of the last row of a page: the id of a post, or moment and person of a follow."""
    if isinstance(row[0], datetime):
        return f'{(row[0] - EPOCH) // MICROSECOND}-{row[1]}'
    return str(row[0])


def home(id: int) -> sa.Select:
    """What a reader's home shows, as plainly as SQL can say it."""
    followed = sa.select(followers.c.followed_id).where(followers.c.follower_id == id)
    is_source = sa.or_(Post.user_id == id, Post.user_id.in_(followed))
    concerns = sa.or_(Post.parent_id.is_(None), Post.user_id == id, Post.parent_author_id.in_([id, Post.user_id]),
                      Post.parent_author_id.in_(followed))
    return sa.select(Post.id).where(is_source, concerns).order_by(Post.id.desc())


def explore(_id: int) -> sa.Select:
    """What everybody wrote for everybody, without answers and reposts."""
    alone = sa.select(Post.id).where(Post.parent_id.is_(None), Post.repost_of_id.is_(None))
    return alone.where(Post.visibility == Visibility.PUBLIC).order_by(Post.id.desc())


def profile(id: int) -> sa.Select:
    """What one person wrote."""
    return sa.select(Post.id).where(Post.user_id == id).order_by(Post.id.desc())


def followers_of(id: int) -> sa.Select:
    """Who follows one person."""
    return _follows(followers.c.followed_id == id, followers.c.follower_id)


def following_of(id: int) -> sa.Select:
    """Whom one person follows."""
    return _follows(followers.c.follower_id == id, followers.c.followed_id)


def tag(id: int) -> sa.Select:
    """The posts with one tag."""
    return sa.select(post_tag.c.post_id).where(post_tag.c.tag_id == id).order_by(post_tag.c.post_id.desc())


def likes(id: int) -> sa.Select:
    """Who likes one post."""
    when, person = Like.created_at, Like.user_id
    return sa.select(when, person).where(Like.post_id == id).order_by(when.desc(), person.desc())


def thread(id: int) -> sa.Select:
    """The answers to one post, the oldest first."""
    return sa.select(Post.id).where(Post.parent_id == id).order_by(Post.id)


def _follows(side: sa.ColumnElement[bool], other: sa.Column) -> sa.Select:
    when = followers.c.created_at
    return sa.select(when, other).where(side).order_by(when.desc(), other.desc())


LISTS: dict[str, Callable[[int], sa.Select]] = {
    'home': home, 'explore': explore, 'profile': profile, 'followers': followers_of, 'following': following_of,
    'tag': tag, 'likes': likes, 'thread': thread}
