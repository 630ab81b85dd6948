"""Who is named in a post: noted when it is published, and told."""
import sqlalchemy as sa

from app.extensions import db
from app.models import Mention, Post, User, username_key
from app.queries import people
from app.services import notifications
from app.text.scanning import names

MOST_TOLD = 20  # people for one post; the others find their names when they read it


def named(author: User, body: str) -> list[int]:
    """The ids of the people whom a text names, by the name they have or had, in its order."""
    keys = [username_key(name) for name in names(body)]
    ids = people.ids_of(author, set(keys))
    return list(dict.fromkeys(ids[key] for key in keys if key in ids))


def note(post: Post, people: list[int]) -> None:
    """Note that a post names these people, who are locked."""
    if people:
        db.session.execute(sa.insert(Mention), [
            {'post_id': post.id, 'user_id': id, 'author_id': post.user_id} for id in sorted(people)])


def tell(post: Post, people: list[int]) -> None:
    """Let the first of them know."""
    notifications.tell_all(people[:MOST_TOLD], 'mention', actor_id=post.user_id, post_id=post.id)
