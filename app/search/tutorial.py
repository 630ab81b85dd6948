"""The tutorial's `Post.search` and `Post.reindex`, for a shell and for scripts; pages read `results.py`."""
from datetime import UTC

import sqlalchemy as sa

from app import search
from app.extensions import db
from app.models import MAX_ID, Post, username_key
from app.queries import people, posts
from app.queries.pages import OLDER
from app.search.query import ME, parse


def find(expression: str, page: int = 1, per_page: int = 25) -> tuple[sa.ScalarResult, int]:
    """The posts that a page of results would have, newest first, and how many there are; both know 1,001 at most.

    Nobody looks, so it finds what everybody may see; an expression that asks for nothing finds nothing.
    """
    query = parse(expression, UTC)
    authors = people.ids_of(None, {username_key(part.text) for part in query.names} - {ME})
    for part in query.names:
        query = query.by(part, authors.get(username_key(part.text), 0))
    hits = [] if query.is_empty else search.engine().find(query, OLDER, MAX_ID, search.COUNTED + 1).ids
    found = posts.found_ids(None, hits)
    chosen = sa.select(Post).where(Post.id.in_(found[(page - 1) * per_page:page * per_page]))
    return db.session.scalars(chosen.order_by(Post.id.desc())), len(found)


def reindex() -> None:
    """Index all posts anew and commit, a step at a time."""
    for _done, _total in search.engine().rebuild():
        db.session.commit()


Post.search = staticmethod(find)
Post.reindex = staticmethod(reindex)
