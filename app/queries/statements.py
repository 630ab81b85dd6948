"""The pieces that statements of timelines are built from, once: building them at each request would cost more than
running them. Limits are written out, since a planner that does not know them prepares for all rows."""
from types import SimpleNamespace

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.models import Post, User
from app.policies.visibility import visible_to
from app.queries.pages import Way

CURSOR = sa.bindparam('cursor', type_=sa.BigInteger)
VIEWER = sa.bindparam('viewer', type_=sa.BigInteger)
_SOMEBODY = SimpleNamespace(id=VIEWER)


def is_visible(is_public: bool = False) -> sa.ColumnElement[bool]:
    """`visible_to` for whoever is bound as :viewer, or for everybody."""
    return visible_to(None if is_public else _SOMEBODY)  # type: ignore[arg-type]


def posts_for(is_public: bool = False) -> sa.Select:
    """The posts that may be read, each with its author in the same row."""
    posts = sa.select(Post).join(Post.author).options(so.contains_eager(Post.author))
    return posts.where(is_visible(is_public))


def ids_beyond(way: Way, size: int) -> sa.Select:
    """The nearest `size` ids of the whole site beyond the cursor, by a walk on the primary key."""
    post = sa.alias(Post.__table__)
    ids = sa.select(post.c.id).where(way.beyond(post.c.id, CURSOR))
    return ids.order_by(way.order(post.c.id)).limit(sa.literal_column(str(size)))
