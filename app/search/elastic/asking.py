"""Questions to the index. What is asked for are tokens and ranges of ids, so nothing that people typed is syntax."""
from typing import TYPE_CHECKING

from app.search import COUNTED, Hits
from app.search.elastic.indexes import posts_alias
from app.search.elastic.server import server
from app.search.query import Query, Term

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from app.queries.pages import Way

EXPANSIONS = 1000  # words that the last word of a phrase may be the beginning of, where the index has no shorter way


def find(query: Query, way: 'Way', cursor: int, limit: int) -> Hits:
    """Ids beyond the cursor, nearest first; the server looks at all posts."""
    beyond = {'range': {'id': {'lt' if way.is_older else 'gt': cursor}}}
    with server().asked() as client:
        return Hits(ids(client, [*_conditions(query), beyond], limit, excluded=_excluded(query),
                        newest_first=way.is_older))


def countable(query: Query) -> list[int]:
    """All ids that there are, or one more than are counted."""
    with server().asked() as client:
        return ids(client, _conditions(query), COUNTED + 1, excluded=_excluded(query))


def ids(client: 'Elasticsearch', conditions: list[dict], limit: int, excluded: list[dict] | None = None,
        newest_first: bool = True) -> list[int]:
    """The ids of the posts that meet all conditions, in their order."""
    answer = client.search(
        index=posts_alias(), size=limit, query={'bool': {'filter': conditions, 'must_not': excluded or []}},
        sort=[{'id': 'desc' if newest_first else 'asc'}], track_total_hits=False, stored_fields='_none_',
        allow_partial_search_results=False, filter_path='hits.hits.sort')
    return [hit['sort'][0] for hit in answer.get('hits', {}).get('hits', [])]


def between(low: int, high: int) -> dict:
    """That an id is at least `low` and below `high`."""
    return {'range': {'id': {'gte': low, 'lt': high}}}


def condition(term: Term) -> dict:
    """That a post has the tokens of a term, one after the other."""
    words = ' '.join(term.tokens)
    if len(term.tokens) == 1:
        return {'prefix' if term.is_prefix else 'term': {'words': {'value': words}}}
    if term.is_prefix:
        return {'match_phrase_prefix': {'words': {'query': words, 'max_expansions': EXPANSIONS}}}
    return {'match_phrase': {'words': {'query': words}}}


def _conditions(query: Query) -> list[dict]:
    return [*map(condition, query.terms), between(query.since, query.until)]


def _excluded(query: Query) -> list[dict]:
    return [condition(term) for term in query.excluded]
