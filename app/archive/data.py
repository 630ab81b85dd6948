"""What programs read of an archive, as docs/export.md has it."""
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import current_app, url_for

from app.models import RepliesFrom, User, Visibility, utcnow
from app.queries import own

VERSION = 1
ENDINGS = {'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'image/gif': 'gif'}


def single(user: User, picture) -> Iterator[tuple[str, dict]]:
    """The files that hold one object each, by their names."""
    yield 'export', {'format': 'microblog', 'version': VERSION, 'site': current_app.config['SITE_URL'],
                     'made_at': moment(utcnow()), 'username': user.username}
    yield 'profile', profile(user, picture)
    yield 'settings', settings(user)


def lists(user: User) -> Iterator[tuple[str, Iterator[dict]]]:
    """The files that hold a list each, by their names; their entries are read as they are written."""
    address = current_app.config['SITE_URL'] + url_for('posts.show', id=0).removesuffix('0')
    yield 'posts', (post(row, address) for row in own.posts(user))
    yield 'likes', (like(row, address) for row in own.likes(user))
    yield 'following', map(follow, own.following(user))
    yield 'followers', map(follow, own.followers_of(user))
    yield 'blocked', map(follow, own.blocked(user))
    yield 'muted', map(mute, own.muted(user))
    yield 'muted_conversations', (muted_thread(row, address) for row in own.muted_threads(user))
    yield 'asked_to_follow', map(follow, own.asked(user))
    yield 'messages', (message(row, user) for row in own.messages(user))
    yield 'sessions', map(session, own.sessions(user))
    yield 'events', map(event, own.events(user))


def profile(user: User, picture) -> dict:
    """Who the person is."""
    former = [{'username': row.username_key, 'kept_until': moment(row.reserved_until)}
              for row in own.former_usernames(user)]
    return {'id': str(user.id), 'username': user.username, 'former_usernames': former, 'name': user.name,
            'about_me': user.about_me, 'email': user.email, 'is_email_confirmed': user.confirm_by is None,
            'picture': picture_name(picture) if picture is not None else None,
            'joined_at': moment(user.created_at), 'last_seen_at': moment(user.last_seen), 'posts': user.posts_count,
            'following': user.following_number, 'followers': user.followers_number}


def settings(user: User) -> dict:
    """How the person wants the site."""
    return {'language': user.language or None, 'theme': user.theme, 'timezone': user.timezone or None,
            'show_last_seen': user.show_last_seen, 'is_private': own.is_private(user),
            'is_findable': own.is_findable(user), 'messages_from': own.accepts_messages_of(user),
            'notifications': {kind: ways._asdict() for kind, ways in own.wishes(user).items()}}


def post(row, address: str) -> dict:
    """A post."""
    return {'id': str(row.id), 'url': f'{address}{row.id}', 'posted_at': moment(row.timestamp),
            'language': row.language or None, 'text': row.body, 'visibility': Visibility(row.visibility).name.lower(),
            'replies_from': RepliesFrom(row.replies_from).name.lower(),
            'in_reply_to': str(row.parent_id) if row.parent_id is not None else None,
            'repost_of': str(row.repost_of_id) if row.repost_of_id is not None else None}


def like(row, address: str) -> dict:
    """A post that the person likes."""
    return {'post': str(row.post_id), 'url': f'{address}{row.post_id}', 'since': moment(row.created_at)}


def follow(row) -> dict:
    """Somebody who follows or is followed, is blocked or is asked."""
    return {'username': row.username, 'name': row.name, 'since': moment(row.created_at)}


def mute(row) -> dict:
    """Somebody who is muted."""
    return {**follow(row), 'until': moment(row.until), 'hides_notifications': row.hides_notifications}


def muted_thread(row, address: str) -> dict:
    """A conversation that is muted, by its first post."""
    return {'id': str(row.root_id), 'url': f'{address}{row.root_id}', 'since': moment(row.created_at)}


def message(row, user: User) -> dict:
    """A message of a conversation with somebody."""
    return {'with': row.username, 'is_own': row.sender_id == user.id, 'sent_at': moment(row.timestamp),
            'language': row.language or None, 'text': row.body}


def session(row) -> dict:
    """A browser in which the person is logged in."""
    return {'logged_in_at': moment(row.created_at), 'last_used_at': moment(row.last_used_at),
            'stays_logged_in': row.remember, 'browser': row.user_agent, 'address': row.address}


def event(row) -> dict:
    """Something that happened to the account."""
    return {'kind': row.kind, 'happened_at': moment(row.created_at), 'browser': row.browser, 'address': row.address,
            'reason': row.reason or None}


def picture_name(picture) -> str:
    """What the file with the person's picture is called."""
    return f'picture.{ENDINGS.get(picture.media_type, "bin")}'


def moment(when: datetime | None) -> str | None:
    """A moment in UTC (RFC 3339)."""
    return when.isoformat(timespec='milliseconds').replace('+00:00', 'Z') if when is not None else None


def array(entries: Iterable[dict]) -> Iterator[bytes]:
    """A JSON array, one entry a line, as its entries come."""
    separator = b'[\n'
    for entry in entries:
        yield separator + encoded(entry, None)
        separator = b',\n'
    yield b'[]\n' if separator == b'[\n' else b'\n]\n'


def encoded(content: dict, indent: int | None = 2) -> bytes:
    """JSON in UTF-8 (RFC 8259)."""
    return json.dumps(content, ensure_ascii=False, indent=indent).encode()
