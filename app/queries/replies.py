"""What has to be known before a post is answered."""
from functools import cache

import sqlalchemy as sa

from app.extensions import db
from app.models import Mention, Post, PrivateAccount, User
from app.policies.relations import follows
from app.policies.replies import Standing
from app.policies.visibility import is_shown
from app.queries.statements import VIEWER, is_visible

MOST_NAMED = 20


def standing(viewer: User, id: int) -> Standing | None:
    """A post as it is now and what the viewer is to its author; None when it is not there for them (any more)."""
    row = db.session.execute(_standing(), {'viewer': viewer.id, 'id': id}).one_or_none()
    return Standing(*row) if row is not None else None


def names(viewer: User, post: Post) -> list[str]:
    """Whom an answer begins with: the author, and those whom the post mentions, without the viewer."""
    if '@' not in post.body:
        return [post.author.username] if post.user_id != viewer.id else []
    mentioned = sa.select(User.username).join(Mention, Mention.user_id == User.id).where(
        Mention.post_id == post.id, is_shown(viewer)).order_by(User.id).limit(MOST_NAMED)
    found = [post.author.username, *db.session.scalars(mentioned)]
    return [name for name in dict.fromkeys(found) if name != viewer.username]


@cache
def _standing() -> sa.Select:
    mention = sa.select(Mention.user_id).where(Mention.post_id == Post.id, Mention.user_id == VIEWER).scalar_subquery()
    private = sa.select(PrivateAccount.user_id).where(PrivateAccount.user_id == VIEWER).scalar_subquery()
    columns = (Post.visibility, Post.replies_from, Post.user_id == VIEWER, follows(VIEWER, Post.user_id),
               follows(Post.user_id, VIEWER), mention.is_not(None), private.is_not(None))
    found = sa.select(*columns).select_from(Post).join(User, User.id == Post.user_id)
    return found.where(Post.id == sa.bindparam('id', type_=sa.BigInteger), is_visible())
