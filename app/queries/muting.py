"""What a reader does not hear of a thread: the answers of people whom they have muted, and what is below them."""
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.extensions import db
from app.models import Mute, Post, User
from app.queries.statements import VIEWER
from app.queries.threads import Node, Surroundings


def leave_out(viewer: User | None, post: Post, thread: Surroundings) -> bool:
    """Take these answers out of a thread; True when there are any. Of the post's own author nothing is taken."""
    muted = _muted(viewer, post, thread.posts)
    before = len(thread.posts)
    if muted:
        thread.answers = _heard(thread.answers, muted)
        for node in thread.continued:
            node.below = _heard(node.below, muted)
    return len(thread.posts) < before


def heard(viewer: User | None, post: Post, nodes: list[Node]) -> list[Node]:
    """The same for posts in a row."""
    return _heard(nodes, _muted(viewer, post, [node.post for node in nodes if node.post is not None]))


def _muted(viewer: User | None, post: Post, posts: list[Post]) -> set[int]:
    people = {each.user_id for each in posts} - {post.user_id}
    if viewer is None or not people:
        return set()
    return set(db.session.scalars(_muted_of(), {'viewer': viewer.id, 'people': list(people)}))


@cache
def _muted_of() -> sa.Select:
    people: Any = sa.bindparam('people', expanding=True)
    return sa.select(Mute.muted_id).where(Mute.muter_id == VIEWER, Mute.muted_id.in_(people), Mute.is_on())


def _heard(nodes: list[Node], muted: set[int]) -> list[Node]:
    kept = [node for node in nodes if node.post is None or node.post.user_id not in muted]
    for node in kept:
        node.below = _heard(node.below, muted)
    return kept
