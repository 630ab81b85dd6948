"""Finding single posts."""
from functools import cache

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.exceptions import Gone, NotFound
from app.extensions import db
from app.models import DeletedPost, HiddenFromSearch, Mention, Post, User, Visibility
from app.policies.visibility import is_listed, is_site_open_to, visible_to, was_public_to
from app.queries.statements import is_visible, posts_for


def one(viewer: User | None, id: int) -> Post:
    """A post with its author; Gone when its author deleted it, NotFound when there is none for the viewer.

    Of what not everybody could read nobody hears that it existed.
    """
    post = _read(viewer, id) if is_site_open_to(viewer) else None
    if post is not None:
        return post
    was_there = sa.select(DeletedPost.id).where(DeletedPost.id == id, was_public_to(viewer))
    if is_site_open_to(viewer) and db.session.scalar(was_there) is not None:
        raise Gone('post')
    raise NotFound('post')


def there(viewer: User | None, id: int) -> Post:
    """The same for whoever wants to do something with it: NotFound as well when it was deleted."""
    try:
        return one(viewer, id)
    except Gone as error:
        raise NotFound('post') from error


def is_for_nobody_else(post: Post) -> bool:
    """True for a post to the people whom it mentions that mentions none but its author."""
    named = sa.exists().where(Mention.post_id == post.id, Mention.user_id != post.user_id)
    return post.visibility == Visibility.MENTIONED and not db.session.scalar(sa.select(named))


def is_for(user_id: int, post: Post) -> bool:
    """True when somebody may read a post that was just written."""
    if post.visibility <= Visibility.UNLISTED:
        return True
    user = db.session.get(User, user_id)
    found = sa.select(Post.id).join(Post.author).where(Post.id == post.id, visible_to(user))
    return user is not None and db.session.scalar(found) is not None


def _read(viewer: User | None, id: int) -> Post | None:
    values = {'id': id} if viewer is None else {'id': id, 'viewer': viewer.id}
    return db.session.scalar(_one(viewer is None), values)


@cache
def _one(is_public: bool) -> sa.Select:
    found = sa.select(Post).join(Post.author).options(so.contains_eager(Post.author))
    return found.where(Post.id == sa.bindparam('id', type_=sa.BigInteger), is_visible(is_public))


def found(viewer: User | None, ids: list[int]) -> list[Post]:
    """Of what a search found the posts that the viewer may see and whose authors want to be found, in no order."""
    if not ids or not is_site_open_to(viewer):
        return []
    shown = posts_for(viewer is None).where(Post.id.in_(ids), _is_findable())
    return list(db.session.scalars(shown, {'viewer': viewer.id} if viewer else {}))


def found_ids(viewer: User | None, ids: list[int]) -> list[int]:
    """The ids of the same posts, the newest first."""
    shown = sa.select(Post.id).join(Post.author).where(Post.id.in_(ids), visible_to(viewer), _is_findable())
    return list(db.session.scalars(shown.order_by(Post.id.desc())))


def _is_findable() -> sa.ColumnElement[bool]:
    return sa.and_(is_listed(), ~sa.exists().where(HiddenFromSearch.user_id == Post.user_id))
