"""The ids that a page of results may have, and whether a window holds them all."""
from typing import NamedTuple

import sqlalchemy as sa

from app.extensions import db
from app.models import MAX_ID
from app.queries.pages import Way
from app.search.query import Query


class Bounds(NamedTuple):
    """low <= id < high."""

    low: int
    high: int


def bounds(query: Query, way: Way, cursor: int) -> Bounds:
    """What lies beyond a cursor, within the days of a query."""
    if way.is_older:
        return Bounds(query.since, min(cursor, query.until))
    return Bounds(max(min(cursor, MAX_ID - 1) + 1, query.since), query.until)


def reaches_beyond(within: Bounds, size: int) -> bool:
    """True when there are more posts than a window of this size holds."""
    next_one = sa.text('SELECT post_id FROM post_search WHERE post_id < :high ORDER BY post_id DESC '
                       'LIMIT 1 OFFSET :size')
    found = db.session.scalar(next_one, {'high': within.high, 'size': size})
    return found is not None and found >= within.low
