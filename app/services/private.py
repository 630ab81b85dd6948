"""Accounts whose owner is asked by those who would follow: what they write reaches their followers at most."""
from collections import Counter

import sqlalchemy as sa

from app.extensions import db
from app.models import (
    FollowRequest,
    Post,
    PrivateAccount,
    User,
    Visibility,
    add_once,
    lock_people,
    rows_changed,
)
from app.services import requests
from app.tasks import enqueue, job

POSTS_AT_ONCE = 500
PEOPLE_AT_ONCE = 50


def close(user: User) -> None:
    """Be asked from now on. What one has written for everybody is narrowed to followers, in the background."""
    if lock_people(user.id) and add_once(PrivateAccount(user_id=user.id)):
        enqueue(narrow_posts, user_id=user.id, author=user.id)


def reopen(user: User) -> None:
    """Let everybody follow again: those who ask are let in, in the background. Posts stay as narrow as they are."""
    if lock_people(user.id) and rows_changed(sa.delete(PrivateAccount).where(PrivateAccount.user_id == user.id)):
        enqueue(accept_requests, user_id=user.id, asked=user.id)


def widest(author: User) -> Visibility:
    """How far a post of somebody may reach at most; it holds until the commit, when they are locked."""
    is_private = db.session.get(PrivateAccount, author.id, populate_existing=True) is not None
    return Visibility.FOLLOWERS if is_private else Visibility.PUBLIC


@job
def narrow_posts(author: int) -> None:
    """Narrow the posts of a private account, some at a time, together with what counts them."""
    if not lock_people(author) or db.session.get(PrivateAccount, author) is None:
        return
    wide = sa.select(Post.id, Post.parent_id, Post.repost_of_id).where(
        Post.user_id == author, Post.visibility <= Visibility.UNLISTED)
    rows = db.session.execute(wide.order_by(Post.visibility, Post.id).limit(POSTS_AT_ONCE)).all()
    rows_changed(sa.update(Post).where(Post.id.in_([row.id for row in rows])).values(visibility=Visibility.FOLLOWERS))
    counted = [row for row in rows if row.repost_of_id is None]
    rows_changed(sa.update(User).where(User.id == author).values(posts_count=User.posts_count - len(counted)))
    answered = Counter(row.parent_id for row in counted if row.parent_id is not None)
    for id, number in sorted(answered.items()):
        rows_changed(sa.update(Post).where(Post.id == id).values(replies_count=Post.replies_count - number))
    if len(rows) == POSTS_AT_ONCE:
        enqueue(narrow_posts, user_id=author, author=author)


@job
def accept_requests(asked: int) -> None:
    """Let in who asks to follow an account that is private no more, some at a time."""
    ids = db.session.scalars(sa.select(FollowRequest.asker_id).where(FollowRequest.asked_id == asked).order_by(
        FollowRequest.created_at).limit(PEOPLE_AT_ONCE)).all()
    if not ids or lock_people(asked, *ids) < 2 or db.session.get(PrivateAccount, asked) is not None:
        return
    user = db.session.get_one(User, asked)
    for asker in db.session.scalars(sa.select(User).where(User.id.in_(ids))).all():
        requests.let_in(user, asker)
    if len(ids) == PEOPLE_AT_ONCE:
        enqueue(accept_requests, user_id=asked, asked=asked)
