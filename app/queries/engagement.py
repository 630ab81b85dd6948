"""Who likes and reposts what: for the posts of a page in one statement, and as lists."""
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import FormerUsername, Like, Mention, Post, User
from app.policies.visibility import is_shown, reaches
from app.queries import crowds
from app.queries.pages import Page
from app.queries.statements import VIEWER, one_of, posts_for, reader_of

LIKED, REPOSTED, NAMED = range(3)


def note(viewer: User | None, *lists: Iterable[Post]) -> None:
    """Note at each post of a page, and at what it passes on, whom it names and whether the viewer has touched it."""
    posts = {post.id: post for posts in lists for each in posts for post in (each, each.original) if post is not None}
    naming = [id for id, post in posts.items() if '@' in post.body]
    if not (naming or (viewer and posts)):
        return
    values = {'naming': naming} | ({'ids': list(posts), 'viewer': viewer.id} if viewer else {})
    people = defaultdict(list)
    statement = _around(db.session.get_bind().dialect.name, viewer is None)
    for kind, id, key, username in db.session.execute(statement, values):
        if kind == NAMED and username is not None:
            people[id].append((key, username))
        elif kind != NAMED:
            setattr(posts[id], 'is_liked' if kind == LIKED else 'is_reposted', True)
    for id, named in people.items():
        posts[id].people = tuple(sorted(named))


def likers(viewer: User | None, post: Post, before: str | None, after: str | None, count: int):
    """Who likes a post, the newest first: (people, newer, older), the last two as cursors or None."""
    return crowds.page(viewer, crowds.Rows(Like.post_id, Like.user_id, Like.created_at), post.id, before, after, count)


def reposters(viewer: User | None, post: Post, before: str | None, after: str | None, count: int):
    """Who passes a post on, as in `likers`, as far as the viewer may read what they passed on."""
    rows = crowds.Rows(Post.repost_of_id, Post.user_id, Post.timestamp, is_read=reaches(viewer, Post))
    return crowds.page(viewer, rows, post.id, before, after, count)


def liked(viewer: User, before: str | None, after: str | None, count: int) -> Page:
    """What the viewer likes, the latest like first; its cursors are as those of `likers`.

    What they may not read any more makes a page short, and it is as quickly found.
    """
    own = sa.select(Like.post_id, Like.created_at, Like.post_id).where(Like.user_id == viewer.id)
    ids, newer, older = crowds.walk(own, Like.created_at, Like.post_id, before, after, count)
    found = db.session.scalars(posts_for().where(Post.id.in_(ids)), {'viewer': viewer.id}) if ids else ()
    posts = {post.id: post for post in found}
    return Page([posts[id] for id in ids if id in posts], newer, older)


@cache
def _around(dialect: str, is_public: bool) -> sa.CompoundSelect | sa.Select:
    """(kind, post, key of a name, who has it now: NULL for whom the reader may not know of); built once."""
    named = User.id == Mention.user_id  # a seek: no scan of all people
    key = sa.select(User.username_key).where(named).scalar_subquery()
    name = sa.select(User.username).where(named, is_shown(reader_of(is_public))).scalar_subquery()
    now = sa.select(sa.literal(NAMED), Mention.post_id, key, name).where(one_of(dialect, Mention.post_id, 'naming'))
    before = sa.select(sa.literal(NAMED), Mention.post_id, FormerUsername.username_key, name).join(
        FormerUsername, FormerUsername.user_id == Mention.user_id).where(one_of(dialect, Mention.post_id, 'naming'))
    if is_public:
        return sa.union_all(before, now)
    own = so.aliased(Post)
    is_liked = sa.select(Like.post_id).where(Like.user_id == VIEWER, Like.post_id == Post.id)
    is_reposted = sa.select(own.id).where(own.repost_of_id == Post.id, own.user_id == VIEWER)
    return sa.union_all(before, now, _touched(dialect, LIKED, is_liked),
                        _touched(dialect, REPOSTED, is_reposted))


def _touched(dialect: str, kind: int, row: sa.Select) -> sa.Select:
    """The posts for which there is such a row: one seek each, where `IN` lets MariaDB read all that somebody likes."""
    none = sa.literal('')
    return sa.select(sa.literal(kind), Post.id, none, none).where(
        one_of(dialect, Post.id, 'ids'), row.correlate(Post).scalar_subquery().is_not(None))
