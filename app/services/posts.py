"""Writing and deleting posts."""
import hashlib

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError

from app.exceptions import AccountGone, Forbidden, NotFound, Refused
from app.extensions import db
from app.models import DeletedPost, Post, Submission, User, add_once, lock_people
from app.policies.accounts import check_can_act
from app.policies.visibility import can_delete
from app.text.cleaning import clean, is_blank
from app.text.counting import CODE_POINT_LIMIT, POST_LIMIT, length

TRIES = 5
UNREADABLE = 10 * CODE_POINT_LIMIT


def publish(author: User, text: str, form_key: str = '', language: str = '') -> Post:
    """Write a post; the same form key with the same text leads to the post that it made before."""
    check_can_act(author)
    body = check_text(text)
    if not lock_people(author.id):  # whoever sends the same form again waits here, and then finds what it made
        raise AccountGone('user')
    key = hashlib.sha256(f'{form_key}\n{body}'.encode()).hexdigest()
    first = _first_of(author, key) if form_key else None
    if first is not None:
        return first
    post = _add(Post(body=body, user_id=author.id, language=language or author.language))
    if form_key:
        db.session.add(Submission(user_id=author.id, key=key, result_id=post.id))
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
    """Delete one's own post; what stays is that it existed."""
    check_can_delete(actor, post)
    is_there = lock_people(post.user_id)  # before the row of the post, as `accounts.delete` does it
    if not is_there or not add_once(DeletedPost(id=post.id, user_id=post.user_id)):
        raise NotFound('post')
    db.session.delete(post)


def check_can_delete(actor: User, post: Post) -> None:
    """Refuse unless the post is the actor's own."""
    if not can_delete(actor, post):
        raise Forbidden(_l('Only its author can delete a post.'))


def _first_of(author: User, key: str) -> Post | None:
    """The post that a form made when it came first, None when it comes now; Refused when that is deleted."""
    made = sa.select(Submission.result_id).where(Submission.user_id == author.id, Submission.key == key)
    id = db.session.scalar(made)
    post = db.session.get(Post, id) if id is not None else None
    if id is not None and post is None:
        raise Refused('post', _l('This post was published and deleted. To write it again, open the page anew.'))
    return post


def _add(post: Post) -> Post:
    """Store a post; should its id be taken, with another one of the same moment."""
    for _attempt in range(TRIES):
        try:
            with db.session.begin_nested():
                db.session.add(post)
            return post
        except IntegrityError:
            if db.session.scalar(sa.select(Post.id).where(Post.id == post.id)) is None:
                raise
            post = Post(body=post.body, user_id=post.user_id, language=post.language)
    raise RuntimeError(f'no free id for a post in {TRIES} tries')
