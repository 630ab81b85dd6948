"""MariaDB and MySQL: FULLTEXT in boolean mode, which knows no order and gets slow with every frequent word.

So the newest posts are looked through first, and the index is asked for the rare words only; the rows that it finds
tell whether they have everything else. It never gets a phrase, which may take it a minute. Where all words are
frequent, yet together rare, it may take long: after two seconds the question ends with TooSlow. A prefix of fewer than
three letters is a whole word there.
"""
import sqlalchemy as sa

from app.extensions import db
from app.models import MAX_ID, mariadb_word
from app.queries.pages import OLDER, Way
from app.search import COUNTED, Hits
from app.search.embedded.bounds import Bounds, bounds, reaches_beyond
from app.search.embedded.sample import frequent
from app.search.query import Query, Term

NEAR = 1000  # newest posts: MariaDB reads all of a window before it looks into it
WINDOW = 20_000
COUNT_WINDOW = 4000
SHORT = 3
SECONDS = 2

_WINDOW = """SELECT post_id FROM (SELECT post_id, words FROM post_search WHERE post_id >= :low AND post_id < :high
ORDER BY post_id {order} LIMIT {size}) AS newest WHERE {conditions} LIMIT :limit"""
_INDEX = """SELECT {hint} post_id FROM post_search WHERE MATCH(words) AGAINST(:match IN BOOLEAN MODE)
AND post_id >= :low AND post_id < :high AND {conditions} ORDER BY post_id {order} LIMIT :limit"""


def find(query: Query, way: Way, cursor: int, limit: int) -> Hits:
    """Ids beyond a cursor."""
    within = bounds(query, way, cursor)
    for size in (NEAR, WINDOW):
        ids = _in_window(query, way, within, size, limit)
        if len(ids) == limit:
            return Hits(ids)
    return Hits(_in_index(query, way, within, limit) if reaches_beyond(within, WINDOW) else ids)


def countable(query: Query) -> list[int] | None:
    """Among the newest; further on it would not be cheap."""
    within = bounds(query, OLDER, MAX_ID)
    newest = _in_window(query, OLDER, within, COUNT_WINDOW, COUNTED + 1)
    return newest if len(newest) > COUNTED or not reaches_beyond(within, COUNT_WINDOW) else None


def without(excluded: tuple[Term, ...]) -> tuple[str, dict]:
    """That `words` have none of these terms."""
    return _conditions(Query(excluded=excluded))


def _in_window(query: Query, way: Way, within: Bounds, size: int, limit: int) -> list[int]:
    """What is found among the nearest posts."""
    conditions, values = _conditions(query)
    statement = _WINDOW.format(order=_order(way), size=size, conditions=conditions)
    return list(db.session.scalars(sa.text(statement), values | within._asdict() | {'limit': limit}))


def _in_index(query: Query, way: Way, within: Bounds, limit: int) -> list[int]:
    """What the index finds, within the time that there is."""
    rare = _rare(query)
    if not rare:
        terms = tuple(_whole(term) for term in query.terms)
        query = Query(terms, query.excluded)
        rare = terms
    conditions, values = _conditions(query)
    values |= {'match': _match(rare), 'limit': limit, **within._asdict()}
    statement = _INDEX.format(order=_order(way), conditions=conditions, hint=_hint())
    if not _hint():
        statement = f'SET STATEMENT max_statement_time={SECONDS} FOR {statement}'
    return list(db.session.scalars(sa.text(statement), values))


def _rare(query: Query) -> tuple[Term, ...]:
    """The terms that few of the newest posts have."""
    conditions, values = zip(*(_condition(f't{number}', term) for number, term in enumerate(query.terms)), strict=True)
    are_frequent = frequent(list(conditions), {name: value for pair in values for name, value in pair.items()})
    return tuple(term for term, is_frequent in zip(query.terms, are_frequent, strict=True)
                 if not is_frequent and not _is_short(term))


def _match(terms: tuple[Term, ...]) -> str:
    """The words of terms in FULLTEXT's boolean language, which has no letter in common with them but its star."""
    words = dict.fromkeys('+' + mariadb_word(token) for term in terms for token in term.tokens[:-1])
    last = dict.fromkeys('+' + mariadb_word(term.tokens[-1]) + '*' * term.is_prefix for term in terms)
    return ' '.join(words | last)


def _conditions(query: Query) -> tuple[str, dict]:
    """That a row has all terms and none of the excluded."""
    found = [_condition(f't{number}', term) for number, term in enumerate(query.terms)]
    found += [(f'NOT ({condition})', value) for condition, value in (
        _condition(f'x{number}', term) for number, term in enumerate(query.excluded))]
    return ' AND '.join(condition for condition, _ in found), {k: v for _, value in found for k, v in value.items()}


def _condition(name: str, term: Term) -> tuple[str, dict]:
    words = ' '.join(map(mariadb_word, term.tokens))
    return f'LOCATE(:{name}, words) > 0', {name: f' {words}' if term.is_prefix else f' {words} '}


def _is_short(term: Term) -> bool:
    return term.is_prefix and len(term.tokens[-1]) < SHORT


def _whole(term: Term) -> Term:
    return Term(term.tokens) if _is_short(term) else term


def _hint() -> str:
    """How MySQL is told the time that a statement has; MariaDB has words of its own for it."""
    is_mariadb = getattr(db.session.get_bind().dialect, 'is_mariadb', False)
    return '' if is_mariadb else f'/*+ MAX_EXECUTION_TIME({SECONDS * 1000}) */'


def _order(way: Way) -> str:
    return 'DESC' if way.is_older else 'ASC'
