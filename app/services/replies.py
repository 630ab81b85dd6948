"""Answering a post."""
from flask_babel import lazy_gettext as _l

from app.exceptions import Interrupted, Refused
from app.models import Post, RepliesFrom, User, Visibility, lock_people
from app.policies.accounts import check_can_act
from app.policies.replies import objection
from app.queries import posts as reached
from app.queries import relations
from app.queries import replies as reading
from app.services import mentions, notifications, posts, tags


def reply(author: User, parent: Post, text: str, form_key: str = '', *, visibility: int = Visibility.PUBLIC,
          replies_from: int = RepliesFrom.EVERYONE) -> Post:
    """Answer a post, for at most as many people as may read that; the same form leads to the answer it made before.

    Refused when its author allows no answer, or deleted it meanwhile. A repost is answered at its original.
    """
    check_can_act(author)
    body = posts.check_text(text)
    answered = parent.original or parent
    post = Post(body=body, user_id=author.id, language=author.language, parent=answered, replies_from=replies_from,
                visibility=max(visibility, answered.visibility))
    people = mentions.named(author, body)
    key = posts.key_of(f'reply {answered.id}\n{form_key}', body)
    if form_key and not posts.is_first(author, key, post):
        return posts.first_of(author, key)
    locked = {author.id, answered.user_id, *people}  # whoever deletes or narrows the post waits, or is done
    is_whole = lock_people(*locked) == len(locked)
    post.visibility = max(post.visibility, _check(author, answered.id), relations.widest(author))
    if not is_whole:
        raise Interrupted('post')
    posts.add(post)
    tags.note(post)
    mentions.note(post, people)
    mentions.tell(post, [id for id in people if id != answered.user_id])
    if reached.is_for(answered.user_id, post):
        notifications.tell(answered.user_id, 'reply', actor_id=author.id, post_id=post.id)
    return post


def _check(author: User, id: int) -> int:
    """The visibility of the post to be answered; Refused when it cannot be."""
    standing = reading.standing(author, id)
    if standing is None:
        raise Refused('post', _l('The post that you answer was deleted meanwhile. Copy your text to keep it.'))
    reason = objection(standing)
    if reason is not None:
        raise Refused('post', reason)
    return standing.visibility
