"""What has to be known before a post is answered."""
from functools import cache

import sqlalchemy as sa

from app.extensions import db
from app.models import Mention, Post, PrivateAccount, User
from app.policies.relations import follows
from app.policies.replies import Standing
from app.policies.visibility import is_shown
from app.queries.statements import VIEWER, is_visible, reader_of

MOST_NAMED = 20
ID = sa.bindparam('id', type_=sa.BigInteger)


def standing(viewer: User, id: int) -> Standing | None:
    """A post as it is now and what the viewer is to its author; None when it is not there for them (any more)."""
    row = db.session.execute(_standing(), {'viewer': viewer.id, 'id': id}).one_or_none()
    return Standing(*row) if row is not None else None


def names(viewer: User, post: Post) -> list[str]:
    """Whom an answer begins with: the author, and those whom the post mentions, without the viewer."""
    if '@' not in post.body:
        return [post.author.username] if post.user_id != viewer.id else []
    found = [post.author.username, *db.session.scalars(_mentioned(), {'viewer': viewer.id, 'id': post.id})]
    return [name for name in dict.fromkeys(found) if name != viewer.username]


@cache
def _mentioned() -> sa.Select:
    """Built once, as every page of a post with a name in it asks."""
    people = sa.select(User.username).join(Mention, Mention.user_id == User.id)
    return people.where(Mention.post_id == ID, is_shown(reader_of(False))).order_by(User.id).limit(MOST_NAMED)


@cache
def _standing() -> sa.Select:
    mention = sa.select(Mention.user_id).where(Mention.post_id == Post.id, Mention.user_id == VIEWER).scalar_subquery()
    private = sa.select(PrivateAccount.user_id).where(PrivateAccount.user_id == VIEWER).scalar_subquery()
    columns = (Post.visibility, Post.replies_from, Post.user_id == VIEWER, follows(VIEWER, Post.user_id),
               follows(Post.user_id, VIEWER), mention.is_not(None), private.is_not(None))
    found = sa.select(*columns).select_from(Post).join(User, User.id == Post.user_id)
    return found.where(Post.id == ID, is_visible())
