"""PostgreSQL: a tsvector of our own tokens with a GIN index, which knows no order.

So the newest posts are looked through first, which fills the page for a frequent word, and the index is asked for what
is rare: there are few, and to sort them is cheap. A prefix that stands for frequent words is left to the rows that the
other words find, where one of those is rare.
"""
import sqlalchemy as sa

from app.extensions import db
from app.models import MAX_ID
from app.queries.pages import OLDER, Way
from app.search import COUNTED, Hits
from app.search.embedded.bounds import Bounds, bounds, reaches_beyond
from app.search.embedded.sample import frequent
from app.search.query import Query, Term

WINDOW = 20_000

# One bound inside: of two a planner without statistics expects one row in 200, and sorts the whole table for them.
_WINDOW = """SELECT post_id FROM (SELECT post_id, words FROM post_search WHERE {near} ORDER BY post_id {order}
LIMIT {size}) AS newest WHERE {far} AND words @@ CAST(:query AS tsquery) LIMIT :limit"""
_LOW, _HIGH = 'post_id >= :low', 'post_id < :high'
# The sums keep the planner from walking all ids in their order, `|| ''` from asking the index for all words.
_INDEX = """SELECT post_id FROM post_search WHERE words @@ CAST(:indexed AS tsquery)
AND post_id + 0 >= :low AND post_id + 0 < :high"""
_READ = "AND (words || '') @@ CAST(:query AS tsquery)"


def find(query: Query, way: Way, cursor: int, limit: int) -> Hits:
    """Ids beyond a cursor."""
    within = bounds(query, way, cursor)
    ids = _in_window(query, way, within, limit)
    if len(ids) < limit:
        ids = _in_index(query, within, limit, f'ORDER BY post_id + 0 {_order(way)}')
    return Hits(ids)


def countable(query: Query) -> list[int] | None:
    """Among the newest, else in the index, which would have to read every post that may have a phrase."""
    within = bounds(query, OLDER, MAX_ID)
    newest = _in_window(query, OLDER, within, COUNTED + 1)
    if len(newest) > COUNTED:
        return newest
    if any(len(term.tokens) > 1 for term in query.terms):
        return None if reaches_beyond(within, WINDOW) else newest
    return _in_index(query, within, COUNTED + 1)


def without(excluded: tuple[Term, ...]) -> tuple[str, dict]:
    """That `words` have none of these terms."""
    return 'words @@ CAST(:without AS tsquery)', {'without': expression((), excluded)}


def expression(terms: tuple[Term, ...], excluded: tuple[Term, ...] = ()) -> str:
    """Terms in the language of tsquery; each token is quoted, and none has a quote or a backslash in it."""
    return ' & '.join([*map(_phrase, terms), *(f'!{_phrase(term)}' for term in excluded)])


def _phrase(term: Term) -> str:
    phrase = ' <-> '.join(f"'{token}'" for token in term.tokens)
    return f'({phrase}:*)' if term.is_prefix else f'({phrase})'


def _in_window(query: Query, way: Way, within: Bounds, limit: int) -> list[int]:
    """What is found among the nearest posts."""
    values = {'query': expression(query.terms, query.excluded), 'limit': limit, **within._asdict()}
    near, far = (_HIGH, _LOW) if way.is_older else (_LOW, _HIGH)
    statement = _WINDOW.format(near=near, far=far, order=_order(way), size=WINDOW)
    return list(db.session.scalars(sa.text(statement), values))


def _in_index(query: Query, within: Bounds, limit: int, order: str = '') -> list[int]:
    """What the index finds; its rows are looked through once more only for what it was not asked for."""
    asked, everything = _indexed(query), expression(query.terms, query.excluded)
    values = {'indexed': everything, 'limit': limit, **within._asdict()}
    parts = [_INDEX, order, 'LIMIT :limit']
    if asked != query.terms:
        parts.insert(1, _READ)
        values |= {'indexed': expression(asked), 'query': everything}
    statement = ' '.join(parts)
    return list(db.session.scalars(sa.text(statement), values))


def _indexed(query: Query) -> tuple[Term, ...]:
    """The terms to ask the index for: all, or without a frequent prefix when another term is rare."""
    others = tuple(term for term in query.terms if not term.is_prefix)
    if not others or len(others) == len(query.terms):
        return query.terms
    prefix, = set(query.terms) - set(others)
    asked = [expression((prefix,)), *(expression((term,)) for term in others)]
    conditions = [f'words @@ CAST(:t{number} AS tsquery)' for number in range(len(asked))]
    is_frequent, *others_are = frequent(conditions, {f't{number}': text for number, text in enumerate(asked)})
    return others if is_frequent and not all(others_are) else query.terms


def _order(way: Way) -> str:
    return 'DESC' if way.is_older else 'ASC'
