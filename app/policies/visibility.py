"""Who may see what. `visible_to` is the only definition of who may read a post."""
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as so
from flask import current_app

from app.models import DeletedPost, Mention, Post, PrivateAccount, User, Visibility
from app.policies.relations import are_together, follows, has_blocked

_ORIGINAL, _ITS_AUTHOR = so.aliased(Post), so.aliased(User)  # once: each holds all its columns, and statements are kept


def is_site_open_to(viewer: User | None) -> bool:
    """True unless the site is closed and nobody is logged in."""
    return viewer is not None or not current_app.config['SITE_CLOSED']


def visible_to(viewer: User | None, post: Any = Post, author: Any = User) -> sa.ColumnElement[bool]:
    """The condition that a post, joined with its author, may be read by the viewer (None: not logged in).

    A repost may be read where its original may. Where they are joined under other names, `post` and `author` are
    their aliases.
    """
    if not is_site_open_to(viewer):
        return sa.false()
    return sa.and_(is_author_read_by(viewer, author), is_open_to(viewer, post))


def is_author_read_by(viewer: User | None, author: Any = User) -> sa.ColumnElement[bool]:
    """The part of `visible_to` that is the same for all posts of an author: lists leave out whose posts nobody sees."""
    is_read = _unless_own(viewer, author.suspended_at.is_(None), author)
    return is_read if viewer is None else sa.and_(is_read, are_together(viewer.id, author.id))


def is_author_there_for(viewer: User | None, author: User) -> bool:
    """What of `is_author_read_by` is known of a person without asking: who is suspended only is for themselves."""
    return author.suspended_at is None or (viewer is not None and viewer.id == author.id)


def is_open_to(viewer: User | None, post: Any = Post) -> sa.ColumnElement[bool]:
    """The part of `visible_to` that each post says for itself: how far it reaches, and what it passes on."""
    passes_on = sa.exists().where(_ORIGINAL.id == post.repost_of_id, _ITS_AUTHOR.id == _ORIGINAL.user_id,
                                  is_author_read_by(viewer, _ITS_AUTHOR), reaches(viewer, _ORIGINAL))
    return sa.and_(reaches(viewer, post), sa.or_(post.repost_of_id.is_(None), passes_on))


def reaches(viewer: User | None, post: Any) -> sa.ColumnElement[bool]:
    """That a post is for everybody, the viewer's own, mentions them, or is for followers, of whom they are one."""
    everybody = post.visibility <= Visibility.UNLISTED
    if viewer is None:
        return everybody
    mention = sa.select(Mention.user_id).where(Mention.post_id == post.id, Mention.user_id == viewer.id)
    return sa.or_(everybody, post.user_id == viewer.id, mention.scalar_subquery().is_not(None),
                  sa.and_(post.visibility == Visibility.FOLLOWERS, follows(viewer.id, post.user_id)))


def was_public_to(viewer: User | None) -> sa.ColumnElement[bool]:
    """The condition that the viewer may know of a deleted post: everybody could read it, and of its author they can."""
    hidden = sa.select(User.id).where(User.id == DeletedPost.user_id, ~is_author_read_by(viewer)).correlate(DeletedPost)
    return sa.and_(DeletedPost.visibility <= Visibility.UNLISTED, hidden.scalar_subquery().is_(None))


def is_listed(post: Any = Post) -> sa.ColumnElement[bool]:
    """The condition that a post may stand where strangers meet it, in search for instance: it is public."""
    return sa.and_(post.visibility == Visibility.PUBLIC, post.repost_of_id.is_(None))


def is_shown(viewer: User | None) -> sa.ColumnElement[bool]:
    """The condition that a person is there for the viewer: who is suspended or unconfirmed only is for themselves.

    Of two people one of whom has blocked the other, neither is there for the other.
    """
    return is_present(viewer) if viewer is None else sa.and_(is_present(viewer), are_together(viewer.id, User.id))


def is_known(viewer: User | None) -> sa.ColumnElement[bool]:
    """The condition that the viewer may look at a person's profile: at those they have blocked too, to unblock them."""
    return is_present(viewer) if viewer is None else sa.and_(is_present(viewer), ~has_blocked(User.id, viewer.id))


def shows_people(viewer: User | None) -> sa.ColumnElement[bool]:
    """The condition that the viewer may see who follows a person, and whom that person follows.

    Of a private account only those who follow it may, as they read it.
    """
    private = sa.select(PrivateAccount.user_id).where(PrivateAccount.user_id == User.id).scalar_subquery()
    is_open = private.is_(None)
    return is_open if viewer is None else sa.or_(is_open, User.id == viewer.id, follows(viewer.id, User.id))


def is_present(viewer: User | None) -> sa.ColumnElement[bool]:
    """The condition that a person is there at all, whoever has blocked whom."""
    return _unless_own(viewer, sa.and_(User.suspended_at.is_(None), User.confirm_by.is_(None)))


def _unless_own(viewer: User | None, condition: sa.ColumnElement[bool], person: Any = User) -> sa.ColumnElement[bool]:
    return condition if viewer is None else sa.or_(condition, person.id == viewer.id)


def can_repost(post: Post) -> bool:
    """True for what everybody may read and meet: passing on what is unlisted would list it."""
    return is_public(post)


def is_public(post: Post) -> bool:
    """True for a post of one's own words that stands where strangers meet it; `is_listed` says the same to SQL."""
    return post.visibility == Visibility.PUBLIC and post.repost_of_id is None


def can_delete(actor: User, post: Post) -> bool:
    """True for the author of a post."""
    return post.user_id == actor.id
