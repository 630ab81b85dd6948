"""Tags of posts: noted when a post is published, and once for all posts that were there before."""
from collections.abc import Iterable
from datetime import timedelta
from functools import cache

import sqlalchemy as sa

from app import search
from app.extensions import db
from app.models import MAX_ID, Post, SearchProgress, Tag, insert_all_once, post_tag, rows_changed, tag_key
from app.tasks import enqueue, every
from app.text.scanning import tags

FILLED = 'tags'
AT_ONCE = 500  # posts in a step; writers of SQLite wait for a tenth of a second
DONE = 0


def note(*posts: Post) -> None:
    """Note which tags posts have, each once."""
    keys = {post.id: keys_of(post.body) for post in posts}
    known = _ids({key for found in keys.values() for key in found})
    rows = [{'tag_id': known[key], 'post_id': id} for id, found in keys.items() for key in found]
    insert_all_once(post_tag, sorted(rows, key=lambda row: (row['tag_id'], row['post_id'])))


def keys_of(body: str) -> set[str]:
    """The keys of the tags in a text."""
    return {tag_key(tag) for tag in tags(body)} - {''}


@every(timedelta(hours=1))
def fill_tags() -> None:
    """Go on where filling was left, from the newest post to the oldest, until every post was looked at."""
    mine = SearchProgress.name == FILLED
    if not rows_changed(sa.update(SearchProgress).where(mine).values(position=SearchProgress.position)):
        db.session.execute(sa.insert(SearchProgress).values(name=FILLED, position=MAX_ID))
    position = db.session.scalar(sa.select(SearchProgress.position).where(mine)) or DONE
    if position != DONE:
        posts = db.session.scalars(_below(position)).all()
        last = posts[-1].id if len(posts) == AT_ONCE else DONE
        tagged = [post for post in posts if keys_of(post.body)]
        note(*tagged)
        for post in tagged:
            search.engine().post_changed(db.session.connection(), post)
        rows_changed(sa.update(SearchProgress).where(mine).values(position=last))
        if last != DONE:
            enqueue(fill_tags)


def _below(position: int) -> sa.Select:
    """The next posts, which nobody deletes meanwhile."""
    posts = sa.select(Post).where(Post.id < position).order_by(Post.id.desc())
    return posts.limit(AT_ONCE).with_for_update(read=True, of=Post)


def _ids(keys: Iterable[str]) -> dict[str, int]:
    """The ids of tags by their keys; those that nobody has used before are made, in an order that all acts keep."""
    wanted = sorted(keys)
    known = _known(wanted)
    missing = [key for key in wanted if key not in known]
    if missing:
        insert_all_once(Tag.__table__, [{'key': key} for key in missing])
        known |= _known(missing)
    return known


def _known(keys: list[str]) -> dict[str, int]:
    if not keys:
        return {}
    return {row.key: row.id for row in db.session.execute(_with_keys(), {'keys': keys})}


@cache
def _with_keys() -> sa.Select:
    """Built once: every post with a tag asks."""
    return sa.select(Tag.key, Tag.id).where(Tag.key.in_(sa.bindparam('keys', expanding=True)))
