"""Accounts whose owner is asked by those who would follow: what they write reaches their followers at most."""
from collections import Counter
from collections.abc import Sequence

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
from app.policies.visibility import can_repost
from app.services import engagement, requests
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


@job
def narrow_posts(author: int) -> None:
    """Narrow the posts of a private account, some at a time, together with what counts, finds and passes them on."""
    if not lock_people(author) or db.session.get(PrivateAccount, author) is None:
        return
    wide = sa.select(Post).where(Post.user_id == author, Post.visibility <= Visibility.UNLISTED)
    posts = db.session.scalars(wide.order_by(Post.visibility, Post.id).limit(POSTS_AT_ONCE)).all()
    around = {id for post in posts for id in (post.id, post.parent_id, post.repost_of_id) if id is not None}
    db.session.execute(sa.select(Post.id).where(Post.id.in_(around)).order_by(Post.id).with_for_update())
    _uncount(author, posts)
    engagement.forget(*(post.id for post in posts if can_repost(post)))
    for post in posts:
        post.visibility = Visibility.FOLLOWERS
    db.session.flush()  # which tells search
    if len(posts) == POSTS_AT_ONCE:
        enqueue(narrow_posts, user_id=author, author=author)


def _uncount(author: int, posts: Sequence[Post]) -> None:
    """Take posts out of the numbers of their author, of what they answer and of what they pass on."""
    own = [post for post in posts if post.repost_of_id is None]
    rows_changed(sa.update(User).where(User.id == author).values(posts_count=User.posts_count - len(own)))
    answered = Counter(post.parent_id for post in own if post.parent_id is not None)
    passed_on = Counter(post.repost_of_id for post in posts if post.repost_of_id is not None)
    for counter, numbers in (Post.replies_count, answered), (Post.reposts_count, passed_on):
        for id, number in numbers.items():
            rows_changed(sa.update(Post).where(Post.id == id).values({counter: counter - number}))


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
