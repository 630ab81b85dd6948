"""Writing and deleting posts."""
import hashlib

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError

from app.exceptions import Forbidden, Interrupted, NotFound, Refused
from app.extensions import db
from app.models import (
    DeletedPost,
    Post,
    RepliesFrom,
    Submission,
    User,
    Visibility,
    add_once,
    insert_once,
    lock_people,
    utcnow,
)
from app.policies.accounts import check_can_act
from app.policies.visibility import can_delete
from app.queries import relations
from app.services import engagement, mentions, notifications, tags
from app.text.cleaning import clean, is_blank
from app.text.counting import CODE_POINT_LIMIT, POST_LIMIT, length

UNREADABLE = 10 * CODE_POINT_LIMIT


def publish(author: User, text: str, form_key: str = '', language: str = '', *,
            visibility: int = Visibility.PUBLIC, replies_from: int = RepliesFrom.EVERYONE) -> Post:
    """Write a post; the same form key with the same text leads to the post that it made before."""
    check_can_act(author)
    body = check_text(text)
    post = Post(body=body, user_id=author.id, language=language or author.language, visibility=visibility,
                replies_from=replies_from)
    people = mentions.named(author, body)  # before the first write: SQLite's other writers need not wait for it
    key = key_of(form_key, body)
    if form_key and not is_first(author, key, post):
        return first_of(author, key)
    if lock_people(author.id, *people) < len({author.id, *people}):
        raise Interrupted('post')
    post.visibility = max(post.visibility, relations.widest(author))
    add(post)
    tags.note(post)
    mentions.note(post, people)
    mentions.tell(post, people)
    return post


def check_text(text: str) -> str:
    """The text as it is stored; Refused when nothing of it can be seen or it is too long."""
    if len(text) > UNREADABLE:  # not worth counting
        raise Refused('post', _l('This is much too long. A post has at most %(limit)s characters.', limit=POST_LIMIT))
    body = clean(text)
    if is_blank(body):
        raise Refused('post', _l('Write something first.'))
    count = length(body)
    if count > POST_LIMIT:
        raise Refused('post', ngettext('This is %(num)s character too long. A post has at most %(limit)s.',
                                       'This is %(num)s characters too long. A post has at most %(limit)s.',
                                       count - POST_LIMIT, limit=POST_LIMIT))
    if len(body) > CODE_POINT_LIMIT:
        raise Refused('post', _l('This is too long once its accents and combined signs are counted. Shorten it.'))
    return body


def delete(actor: User, post: Post) -> None:
    """Delete one's own post."""
    check_can_delete(actor, post)
    remove(post)


def remove(post: Post) -> None:
    """Remove a post; what stays is that it existed."""
    told = notifications.told_of_post(post.id)
    lock_people(post.user_id, *told)  # before the row of the post, as `accounts.delete` does it
    if not lock_people(post.user_id) or not add_once(_trace_of(post)):
        raise NotFound('post')
    notifications.forget_post(post.id, told)
    db.session.delete(post)
    engagement.forget(post.id)


def check_can_delete(actor: User, post: Post) -> None:
    """Refuse unless the post is the actor's own."""
    if not can_delete(actor, post):
        raise Forbidden(_l('Only its author can delete a post.'))


def _trace_of(post: Post) -> DeletedPost:
    return DeletedPost(id=post.id, user_id=post.user_id, parent_id=post.parent_id, root_id=post.root_id,
                       visibility=post.visibility)


def key_of(form_key: str, body: str) -> str:
    """Under which key a form with this text is remembered."""
    return hashlib.sha256(f'{form_key}\n{body}'.encode()).hexdigest()


def is_first(author: User, key: str, post: Post) -> bool:
    """Note which post a form makes. Whoever sends the same form meanwhile waits here, and then finds it."""
    return insert_once(Submission, user_id=author.id, key=key, result_id=post.id, created_at=utcnow())


def first_of(author: User, key: str) -> Post:
    """The post that a form made when it came first; Refused when that is deleted."""
    made = sa.select(Submission.result_id).where(Submission.user_id == author.id, Submission.key == key)
    post = db.session.get(Post, db.session.scalar(made) or 0)
    if post is None:
        raise Refused('post', _l('This post was published and deleted. To write it again, open the page anew.'))
    return post


def add(post: Post) -> None:
    """Store a post. Interrupted when its id is taken, which one of a million may find, or its author was just deleted.

    A savepoint that would spare the others' work costs each post a fifth of its time.
    """
    db.session.add(post)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Interrupted('post') from error
