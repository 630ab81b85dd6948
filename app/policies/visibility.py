"""Who may see what. `visible_to` is the only definition of who may read a post."""
import sqlalchemy as sa
from flask import current_app

from app.models import Post, User


def is_site_open_to(viewer: User | None) -> bool:
    """True unless the site is closed and nobody is logged in."""
    return viewer is not None or not current_app.config['SITE_CLOSED']


def visible_to(viewer: User | None) -> sa.ColumnElement[bool]:
    """The condition that a post, joined with its author, may be read by the viewer (None: not logged in)."""
    if not is_site_open_to(viewer):
        return sa.false()
    return _unless_own(viewer, User.suspended_at.is_(None))


def is_shown(viewer: User | None) -> sa.ColumnElement[bool]:
    """The condition that a person is there for the viewer: who is suspended or unconfirmed only is for themselves."""
    return _unless_own(viewer, sa.and_(User.suspended_at.is_(None), User.confirm_by.is_(None)))


def _unless_own(viewer: User | None, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return condition if viewer is None else sa.or_(condition, User.id == viewer.id)


def can_delete(actor: User, post: Post) -> bool:
    """True for the author of a post."""
    return post.user_id == actor.id
