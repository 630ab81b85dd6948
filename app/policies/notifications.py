"""Of what people are told, where, and what they see of it."""
from typing import NamedTuple

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models import NO_POST, Notification, Post, User
from app.policies.relations import hears_of
from app.policies.visibility import is_shown, visible_to


class Ways(NamedTuple):
    """Where somebody hears of something."""

    site: bool
    mail: bool


# Every kind, with what holds for whoever has chosen nothing: mail for what one waits for or is asked, and where no
# letter goes out anyway.
KINDS = {'reply': Ways(True, True), 'mention': Ways(True, True), 'like': Ways(True, False),
         'repost': Ways(True, False), 'follow': Ways(True, False), 'follow_request': Ways(True, True),
         'request_accepted': Ways(True, False), 'message': Ways(True, True), 'export': Ways(True, True),
         'security': Ways(True, False)}
ABOUT_POSTS = {'reply', 'mention', 'like', 'repost'}  # told with the id of the answer, else of the post it is about
# What is noted about an account and told to its owner too: what matters if it was not them, and no stranger can cause.
ALARMING = {'login', 'password_reset', 'password_changed', 'email_changed'}
CROWDS = ('like', 'repost', 'follow')  # of which there may be so many that the others would be lost among them
TOGETHER = {*CROWDS, 'follow_request', 'request_accepted'}  # one entry for all of a day that are about the same
UNDONE = {'like', 'repost', 'follow_request'}  # what may be taken back
RETURNING = {'message', 'export', 'security'}  # told again once it was read; the others once for as long as it is kept


def is_told(viewer: User) -> sa.ColumnElement[bool]:
    """The condition that a notification, joined with its actor, is the viewer's and for their eyes."""
    return sa.and_(Notification.user_id == viewer.id, is_shown(viewer), hears_of(viewer.id, User.id))


def is_about_readable(viewer: User) -> sa.ColumnElement[bool]:
    """The condition that a notification is about no post, or about one that the viewer may read (still)."""
    post, author = so.aliased(Post), so.aliased(User)
    is_there = sa.exists().where(post.id == Notification.post_id, author.id == post.user_id,
                                 visible_to(viewer, post, author))
    return sa.or_(Notification.post_id == NO_POST, is_there)


def is_like(kind: str) -> sa.ColumnElement[bool]:
    """The condition that a notification is one of those that are kept together with this kind, and go with it."""
    return Notification.kind.in_(CROWDS) if kind in CROWDS else Notification.kind.not_in(CROWDS)


def counts() -> sa.ColumnElement[bool]:
    """The condition that a notification is one of those whose number its person sees."""
    return sa.and_(Notification.is_read.is_(False), Notification.on_site.is_(True))
