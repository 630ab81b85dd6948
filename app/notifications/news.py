"""What the script asks for every half minute: 204, or a list of what changed, as in the tutorial.

    GET /notifications?since=1795276620.5&notifications=2&messages=0&posts=3&seen=117654321,117654400

`since` is when it asked last, in seconds since 1970 UTC. The others are what the page shows: how many notifications
and messages are unread, and, where posts are listed, how many new ones it has said there are and the ids of all that it
shows or has counted. Whoever gives only `since`, as the tutorial's script does, hears the numbers to which something
was added since then. The answer is a list of `{"name": ..., "data": ..., "timestamp": ...}` with the names
`unread_notification_count` and `unread_message_count` (data: the number) and `new_post_count` (data: `count`, `text`
for the link, and the `ids` that were added).

It costs one statement while nothing is new, and draws no page.
"""
import re
import time
from datetime import UTC, datetime

from flask import Response, abort, jsonify, request, session
from flask_babel import _, ngettext

from app.auth.sessions import me
from app.models import MAX_ID
from app.models.ids import LOW_BITS
from app.queries import news as reading
from app.queries.news import State

LOOK_BACK = 10  # seconds
MOST_POSTS = 25
MOST_SEEN = 500
NUMBER = re.compile(r'[0-9]{1,12}(\.[0-9]{1,9})?')
DIGITS = re.compile(r'[0-9]{1,19}')


def answer() -> Response:
    """204, or what changed since the script asked last; 401 for whom nobody knows (any more)."""
    token = session.get('_user_id')
    now, since = time.time(), _since()
    cursor = _cursor(since)
    has_posts = 'posts' in request.args and _number('posts') <= MOST_POSTS
    seen = [id for id in _seen() if id > cursor] if has_posts else []
    if not isinstance(token, str):
        abort(401)
    if has_posts:
        state = reading.state_with_posts(token, cursor, seen)
    elif request.args.keys() & {'notifications', 'messages', 'posts'}:
        state = reading.state(token)
    else:
        state = reading.state_since(token, datetime.fromtimestamp(since, UTC))
    if state is None:
        abort(401)
    items = _counts(state)
    if has_posts and state.may_have_posts:
        items += _posts(cursor, seen)
    if not items:
        return Response(status=204, content_type='')
    return jsonify([{'name': name, 'data': data, 'timestamp': now} for name, data in items])


def _counts(state: State) -> list[tuple]:
    """The numbers that differ from those on the page."""
    numbers = {'notifications': ('unread_notification_count', state.notifications),
               'messages': ('unread_message_count', state.messages)}
    return [(name, number) for shown, (name, number) in numbers.items()
            if number is not None and request.args.get(shown) != str(number)]


def _posts(cursor: int, seen: list[int]) -> list[tuple]:
    """How many posts are new, together with those that the page has said already."""
    before = _number('posts')
    ids = reading.posts(me(), cursor, seen, MOST_POSTS + 1)
    count = before + len(ids)
    if count > MOST_POSTS:
        text = _('More than %(limit)s new posts', limit=MOST_POSTS)
    else:
        text = ngettext('%(num)s new post', '%(num)s new posts', count)
    return [('new_post_count', {'count': count, 'text': text, 'ids': [str(id) for id in ids]})] if ids else []


def _since() -> float:
    """When the script asked last, in seconds since 1970 and no later than now; what is no moment is refused."""
    given = request.args.get('since', '')
    if not NUMBER.fullmatch(given):
        abort(400)
    return min(float(given), time.time())


def _cursor(since: float) -> int:
    """The id to look beyond: of a while before, since ids, with milliseconds in their high bits, are drawn early."""
    return max(int((since - LOOK_BACK) * 1000), 0) << LOW_BITS


def _number(name: str) -> int:
    return _integer(request.args.get(name, ''))


def _seen() -> list[int]:
    return [_integer(id) for id in request.args.get('seen', '').split(',')[:MOST_SEEN]]


def _integer(given: str) -> int:
    """A number that the databases can compare with an id; 0 for what is none."""
    return min(int(given), MAX_ID) if DIGITS.fullmatch(given) else 0
