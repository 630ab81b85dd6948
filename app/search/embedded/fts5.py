"""SQLite: FTS5 walks from the newest post on and stops when a page is full.

A prefix of up to three letters has an index of its own, a longer one means reading all posts with such a word first. So
where many have one, its first three letters are looked up, and the words themselves tell whether they go on like that.
"""
import sqlalchemy as sa

from app.extensions import db
from app.models import MAX_ID
from app.queries.pages import OLDER, Way
from app.search import COUNTED, Hits
from app.search.embedded.bounds import bounds
from app.search.embedded.sample import frequent
from app.search.query import Query, Term

INDEXED = 3  # letters of a prefix

_FIND = """SELECT rowid FROM post_search_index WHERE post_search_index MATCH :match
AND rowid >= :low AND rowid < :high ORDER BY rowid {order} LIMIT :limit"""
_FIND_AND_READ = """SELECT i.rowid FROM post_search_index AS i CROSS JOIN post_search AS p ON p.post_id = i.rowid
WHERE i.post_search_index MATCH :match AND i.rowid >= :low AND i.rowid < :high AND instr(p.words, :begin) > 0
ORDER BY i.rowid {order} LIMIT :limit"""


def find(query: Query, way: Way, cursor: int, limit: int) -> Hits:
    """Ids beyond a cursor."""
    low, high = bounds(query, way, cursor)
    values = {'match': expression(query), 'low': low, 'high': high, 'limit': limit}
    statement, begin = _FIND, _long_beginning(query)
    if begin and frequent(['instr(words, :begin) > 0'], {'begin': begin}) == [True]:
        statement, values = _FIND_AND_READ, values | {'match': expression(query, INDEXED), 'begin': begin}
    order = 'DESC' if way.is_older else 'ASC'
    return Hits(list(db.session.scalars(sa.text(statement.format(order=order)), values)))


def countable(query: Query) -> list[int]:
    """From the newest on."""
    return find(query, OLDER, MAX_ID, COUNTED + 1).ids


def without(excluded: tuple[Term, ...]) -> tuple[str, dict]:
    """That `words` have none of these terms."""
    values = {f'x{number}': f' {" ".join(term.tokens)} ' for number, term in enumerate(excluded)}
    return ' AND '.join([f'instr(words, :{name}) = 0' for name in values]), values


def expression(query: Query, longest_prefix: int | None = None) -> str:
    """The query in FTS5's language; each token is quoted, and none has a quote in it."""
    terms = ' AND '.join(_phrase(term, longest_prefix) for term in query.terms)
    without = ''.join(f' NOT {_phrase(term)}' for term in query.excluded)
    return f'({terms}){without}'


def _phrase(term: Term, longest_prefix: int | None = None) -> str:
    *tokens, last = term.tokens
    if not term.is_prefix:
        return f'"{" ".join(term.tokens)}"'
    return f'"{" ".join([*tokens, last[:longest_prefix]])}" *'


def _long_beginning(query: Query) -> str:
    """What words begin with that are asked for by a long prefix, else ''."""
    return next((' ' + ' '.join(term.tokens) for term in query.terms
                 if term.is_prefix and len(term.tokens[-1]) > INDEXED), '')
