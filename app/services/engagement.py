"""Likes and reposts.

Whoever likes or passes on a post locks its author and themselves first, so of two clicks at one moment the second sees
what the first has done, and nobody's post goes meanwhile. A repost stands for its original everywhere.
"""
from collections import Counter

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.exceptions import Forbidden, NotFound
from app.extensions import db
from app.models import Like, Post, User, Visibility, insert_once, lock_people, rows_changed, utcnow
from app.policies.accounts import check_can_act
from app.policies.visibility import can_repost, visible_to
from app.queries import posts, relations
from app.services import notifications
from app.tasks import enqueue, job

AT_ONCE = 500  # rows that go in one transaction


def like(actor: User, post: Post) -> Post:
    """Like a post once; liking it again changes nothing. The post that is liked."""
    check_can_act(actor)
    post = _locked(actor, post)
    if insert_once(Like, user_id=actor.id, post_id=post.id, created_at=utcnow()):
        _count_likes(post, +1)
        notifications.tell(post.user_id, 'like', actor_id=actor.id, post_id=post.id)
    return post


def unlike(actor: User, post: Post) -> Post:
    """Take a like back; doing so again changes nothing."""
    post = _locked(actor, post)
    if rows_changed(sa.delete(Like).where(Like.user_id == actor.id, Like.post_id == post.id)):
        _count_likes(post, -1)
        notifications.take_back(post.user_id, 'like', actor_id=actor.id, post_id=post.id)
    return post


def repost(actor: User, post: Post) -> Post:
    """Pass a post on once, one's own too; Forbidden unless everybody may read it. The original."""
    check_can_act(actor)
    post = _locked(actor, post)
    if not can_repost(post):
        raise Forbidden(_l('Only public posts can be reposted.'))
    if _own_repost(actor, post) is None:
        own = Post(repost_of=post, user_id=actor.id, visibility=relations.widest(actor))
        db.session.add(own)
        db.session.flush()
        db.session.expire(post, ['reposts_count'])
        if posts.is_for(post.user_id, own):
            notifications.tell(post.user_id, 'repost', actor_id=actor.id, post_id=post.id)
    return post


def unrepost(actor: User, post: Post) -> Post:
    """Take a repost back; doing so again changes nothing."""
    post = _locked(actor, post)
    own = _own_repost(actor, post)
    if own is not None:
        db.session.delete(own)
        db.session.flush()
        db.session.expire(post, ['reposts_count'])
        notifications.take_back(post.user_id, 'repost', actor_id=actor.id, post_id=post.id)
    return post


@job
def remove_reposts(of: list[int]) -> None:
    """Remove what passed on posts that are gone or not public any more, some at a time; nobody sees it meanwhile."""
    reposts = db.session.execute(sa.select(Post.id, Post.user_id).where(Post.repost_of_id.in_(of)).limit(AT_ONCE)).all()
    authors = db.session.scalars(sa.select(Post.user_id).where(Post.id.in_(of)).distinct()).all()
    lock_people(*{*authors, *(row.user_id for row in reposts)})  # from here on nobody counts these
    some = Post.id.in_([row.id for row in reposts])
    counted = db.session.scalars(sa.select(Post.repost_of_id).where(some, Post.visibility <= Visibility.UNLISTED)).all()
    for id, number in sorted(Counter(counted).items()) if authors else ():
        rows_changed(sa.update(Post).where(Post.id == id).values(reposts_count=Post.reposts_count - number))
    rows_changed(sa.delete(Post).where(some))
    if len(reposts) == AT_ONCE:
        enqueue(remove_reposts, of=of)


def forget(*originals: int) -> None:
    """Let the reposts of posts go that are being deleted or narrowed."""
    for start in range(0, len(originals), AT_ONCE):
        enqueue(remove_reposts, of=list(originals[start:start + AT_ONCE]))


def _locked(actor: User, post: Post) -> Post:
    """The original, people and post locked in the order that all acts keep; NotFound when it was deleted meanwhile."""
    post = post.original or post
    is_own = actor.id == post.user_id
    if lock_people(actor.id, post.user_id) < 2 - is_own:
        raise NotFound('post')
    readable = sa.select(Post).join(Post.author).where(Post.id == post.id, visible_to(actor))
    locked = readable.with_for_update(of=Post)  # it may have been narrowed, or its author may have blocked the actor
    found = db.session.scalar(locked.execution_options(populate_existing=True))
    if found is None:
        raise NotFound('post')
    return found


def _count_likes(post: Post, step: int) -> None:
    rows_changed(sa.update(Post).where(Post.id == post.id).values(likes_count=Post.likes_count + step))
    db.session.expire(post, ['likes_count'])


def _own_repost(actor: User, post: Post) -> Post | None:
    return db.session.scalar(sa.select(Post).where(Post.repost_of_id == post.id, Post.user_id == actor.id))
