"""Finding single posts."""
import sqlalchemy as sa
import sqlalchemy.orm as so

from app.exceptions import Gone, NotFound
from app.extensions import db
from app.models import DeletedPost, Post, User
from app.policies.visibility import is_site_open_to, visible_to


def one(viewer: User | None, id: int) -> Post:
    """A post with its author; Gone when its author deleted it, NotFound when there is none for the viewer."""
    found = sa.select(Post).join(Post.author).options(so.contains_eager(Post.author)).where(
        Post.id == id, visible_to(viewer))
    post = db.session.scalar(found)
    if post is not None:
        return post
    if is_site_open_to(viewer) and db.session.get(DeletedPost, id) is not None:
        raise Gone('post')
    raise NotFound('post')
