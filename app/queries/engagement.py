"""Who likes and reposts what: for the posts of a page in one statement, and as lists."""
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import FormerUsername, Like, Mention, Post, User
from app.policies.visibility import reaches
from app.queries import crowds
from app.queries.pages import Page
from app.queries.statements import VIEWER, posts_for

IDS: Any = sa.bindparam('ids', expanding=True)
NAMING: Any = sa.bindparam('naming', expanding=True)
LIKED, REPOSTED, NAMED = range(3)


def note(viewer: User | None, *lists: Iterable[Post]) -> None:
    """Note at each post of a page, and at what it passes on, whom it names and whether the viewer has touched it."""
    posts = {post.id: post for posts in lists for each in posts for post in (each, each.original) if post is not None}
    naming = [id for id, post in posts.items() if '@' in post.body]
    if not (naming or (viewer and posts)):
        return
    values = {'naming': naming} | ({'ids': list(posts), 'viewer': viewer.id} if viewer else {})
    people = defaultdict(list)
    for kind, id, key, username in db.session.execute(_around(viewer is None), values):
        if kind == NAMED:
            people[id].append((key, username))
        else:
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
def _around(is_public: bool) -> sa.CompoundSelect | sa.Select:
    """(kind, post, key of a name, who has it now); built once."""
    key, name = (sa.select(column).where(User.id == Mention.user_id).scalar_subquery()  # a seek: no scan of all people
                 for column in (User.username_key, User.username))
    now = sa.select(sa.literal(NAMED), Mention.post_id, key, name).where(Mention.post_id.in_(NAMING))
    before = sa.select(sa.literal(NAMED), Mention.post_id, FormerUsername.username_key, name).join(
        FormerUsername, FormerUsername.user_id == Mention.user_id).where(Mention.post_id.in_(NAMING))
    if is_public:
        return sa.union_all(before, now)
    own = so.aliased(Post)
    is_liked = sa.select(Like.post_id).where(Like.user_id == VIEWER, Like.post_id == Post.id)
    is_reposted = sa.select(own.id).where(own.repost_of_id == Post.id, own.user_id == VIEWER)
    return sa.union_all(before, now, _touched(LIKED, is_liked), _touched(REPOSTED, is_reposted))


def _touched(kind: int, row: sa.Select) -> sa.Select:
    """The posts for which there is such a row: one seek each, where `IN` lets MariaDB read all that somebody likes."""
    none = sa.literal('')
    return sa.select(sa.literal(kind), Post.id, none, none).where(
        Post.id.in_(IDS), row.correlate(Post).scalar_subquery().is_not(None))
