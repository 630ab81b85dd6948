"""Which words are frequent lately: the planner's statistics are not to be relied on, and SQLite has none."""
import sqlalchemy as sa
from flask import g

from app.extensions import db
from app.models import post_search
from app.queries.statements import number

LOOKED_AT = 2000  # newest posts
MANY = 20  # of them make a word a frequent one


def frequent(conditions: list[str], values: dict) -> list[bool]:
    """Which of these conditions on `words` many of the newest posts meet."""
    known = g.setdefault('frequent', {})  # a page asks several times
    key = (*conditions, *values.items())
    if key not in known:
        known[key] = _are_frequent(conditions, values)
    return known[key]


def _are_frequent(conditions: list[str], values: dict) -> list[bool]:
    newest = sa.select(post_search.c.words).order_by(post_search.c.post_id.desc()).limit(number(LOOKED_AT))
    sums = [sa.func.sum(sa.case((sa.text(condition), 1), else_=0)) for condition in conditions]
    row = db.session.execute(sa.select(*sums).select_from(newest.subquery('newest')), values).one()
    return [(found or 0) >= MANY for found in row]
