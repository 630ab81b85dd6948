"""Questions without a word: days, an author, and what is not to be there, answered by the order of ids.

The nearest posts of all, or of the author, are walked through; an index of words would be of no use. What is excluded
is looked for in so many posts at once; the walk goes on from there.
"""
from types import ModuleType

import sqlalchemy as sa

from app.extensions import db
from app.models import Visibility
from app.queries.pages import Way
from app.queries.statements import FORCE_INDEX
from app.search import Hits
from app.search.embedded.bounds import bounds
from app.search.query import Query

INDEX_HINTS = {'sqlite': 'INDEXED BY %s', 'mysql': FORCE_INDEX}
WINDOWS = 1000, 20_000  # the servers read all of a window before they look into it

_OF_ALL = 'SELECT post_id, words FROM post_search WHERE {near} ORDER BY post_id {order}'
_OF_AUTHOR = """SELECT post_id, words FROM post {hint} JOIN post_search ON post_id = post.id
WHERE user_id = :author AND visibility = :public AND {near} ORDER BY post.id {order}"""
# One bound inside, as in tsvector.py.
_FOUND = """SELECT post_id FROM ({nearest} LIMIT {size}) AS nearest WHERE {far} AND {condition} LIMIT :limit"""
_END = 'SELECT post_id FROM ({nearest} LIMIT 1 OFFSET {last}) AS nearest WHERE {far}'


def is_for(query: Query) -> bool:
    """True for a question that an index of words does not help with."""
    return not query.terms or query.author is not None


def find(database: ModuleType, query: Query, way: Way, cursor: int, limit: int) -> Hits:
    """Ids beyond a cursor; how far it came when there may be more behind the largest window."""
    condition, values = database.without(query.excluded) if query.excluded else ('1 = 1', {})
    values |= {'limit': limit, 'author': query.author, 'public': Visibility.PUBLIC.value}
    values |= bounds(query, way, cursor)._asdict()
    parts = {'nearest': _nearest(query, way), 'far': 'post_id >= :low' if way.is_older else 'post_id < :high'}
    hits = Hits()
    for size in WINDOWS if query.excluded else (limit,):
        found = _FOUND.format(size=size, condition=condition, **parts)  # of our own words; what was typed is bound
        hits = Hits(list(db.session.scalars(sa.text(found), values)))
        if len(hits.ids) == limit or not query.excluded:
            break
        end = _END.format(last=size - 1, **parts)
        hits.stopped_at = db.session.scalar(sa.text(end), values)
        if hits.stopped_at is None:
            break
    return hits


def _nearest(query: Query, way: Way) -> str:
    """The posts to look through, as far as one bound goes."""
    beyond, order = ('< :high', 'DESC') if way.is_older else ('>= :low', 'ASC')
    if query.author is None:
        return _OF_ALL.format(near=f'post_id {beyond}', order=order)
    hint = INDEX_HINTS.get(db.session.get_bind().dialect.name, '').replace('%s', 'ix_post_user_id_visibility_id')
    return _OF_AUTHOR.format(hint=hint, near=f'post.id {beyond}', order=order)
