"""Changing how far a post reaches, and who may answer it."""
import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.exceptions import Forbidden, NotFound, Refused
from app.extensions import db
from app.models import Post, User, Visibility, lock_people, rows_changed
from app.services import engagement


def check_can_change(actor: User, post: Post) -> None:
    """Refuse unless the post is the actor's own."""
    if post.user_id != actor.id or post.repost_of_id is not None:
        raise Forbidden(_l('Only its author can change who reads a post and who replies.'))


def change(actor: User, post: Post, visibility: int, replies_from: int) -> None:
    """Let others answer, and fewer people read: what was said to few is never shown to more.

    What everybody could pass on, nobody passes on any more.
    """
    check_can_change(actor, post)
    if not lock_people(actor.id):
        raise NotFound('post')
    locked = sa.select(Post).where(Post.id == post.id).with_for_update(of=Post)
    if db.session.scalar(locked.execution_options(populate_existing=True)) is None:
        raise NotFound('post')
    if visibility < post.visibility:
        raise Refused('visibility', _l('A post can be shown to fewer people, but not to more.'))
    was_counted, was_public = post.is_counted, post.visibility == Visibility.PUBLIC
    post.visibility, post.replies_from = visibility, replies_from
    if was_counted and not post.is_counted:
        _uncount(post)
    if was_public and visibility != Visibility.PUBLIC:
        engagement.forget(post.id)


def _uncount(post: Post) -> None:
    rows_changed(sa.update(User).where(User.id == post.user_id).values(posts_count=User.posts_count - 1))
    rows_changed(sa.update(Post).where(Post.id == post.parent_id).values(replies_count=Post.replies_count - 1))
