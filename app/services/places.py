"""Where on the site the things are that people are told of."""
from flask import url_for

from app.models import Notification
from app.policies.notifications import ABOUT_POSTS
from app.queries.told import Told


def of(row: Notification | Told, **options) -> str:
    """The address of what somebody was told."""
    if row.kind in ABOUT_POSTS:
        return url_for('posts.show', id=row.post_id, **options)
    if row.kind == 'follow_request':
        return url_for('relations.follow_requests', **options)
    if row.kind in ('follow', 'request_accepted'):
        return url_for('main.user', username=row.actor.username, **options)
    if row.kind == 'message':
        return url_for('messages.send_message', recipient=row.actor.username, **options)
    if row.kind == 'export':
        return url_for('exports.index', **options)
    return url_for('settings.events' if row.kind == 'security' else 'notifications.index', **options)
