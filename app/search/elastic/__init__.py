"""Search by an Elasticsearch server beside the site; `app/search/__init__.py` says what an engine does.

The server holds a copy. What happens to posts reaches it by tasks (`following.py`), and nothing waits for it but the
page that asks.
"""
import sqlalchemy as sa

from app.models import Post
from app.search.elastic.asking import countable, find
from app.search.elastic.checking import check, state, status
from app.search.elastic.filling import rebuild
from app.search.elastic.following import index_posts, index_posts_of
from app.tasks import enqueue, together

__all__ = ['author_added', 'author_removed', 'check', 'countable', 'find', 'post_added', 'post_changed',
           'post_deleted', 'rebuild', 'state', 'status']


def post_added(connection: sa.Connection, post: Post) -> None:
    """Let a task look at the post, once it is committed."""
    together.enqueue_in_flush(connection, index_posts, ids=[post.id])


post_changed = post_deleted = post_added


def author_added(user_id: int) -> None:
    """Let tasks look at all posts of somebody."""
    enqueue(index_posts_of, author=user_id)


author_removed = author_added
