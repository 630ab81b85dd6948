"""Marking in a post what was found."""
from collections.abc import Callable

from markupsafe import Markup, escape

from app.search.folding import spans
from app.search.query import Query, Term

_MARK, _MARK_END = Markup('<mark>'), Markup('</mark>')


def marker(query: Query) -> Callable[[str], Markup]:
    """What turns a piece of a post's text into HTML in which the words of a query are marked."""
    terms = [term for term in query.terms if not term.tokens[0].startswith('__')]
    return lambda text: _marked(terms, text)


def _marked(terms: list[Term], text: str) -> Markup:
    if not terms:
        return escape(text)
    found = list(spans(text))
    pieces, end = [], 0
    for first, last in _runs(terms, [token for _start, _end, token in found]):
        start, stop = found[first][0], found[last][1]
        if start >= end:
            pieces += [escape(text[end:start]), _MARK, escape(text[start:stop]), _MARK_END]
            end = stop
    return Markup().join([*pieces, escape(text[end:])])


def _runs(terms: list[Term], tokens: list[str]) -> list[tuple[int, int]]:
    """Which tokens are found, as (first, last), in their order; of two that begin together the longer one."""
    runs = {(start, start + len(term.tokens) - 1) for term in terms
            for start in range(len(tokens) - len(term.tokens) + 1) if _begins(term, tokens, start)}
    return sorted(runs, key=lambda run: (run[0], -run[1]))


def _begins(term: Term, tokens: list[str], start: int) -> bool:
    *words, last = term.tokens
    end = tokens[start + len(words)]
    return tokens[start:start + len(words)] == words and (end.startswith(last) if term.is_prefix else end == last)
