"""Which of the found posts fit best, the same whatever engine found them.

A shorter post with the words more often goes first, as in BM25 (Robertson and Zaragoza 2009), but without weights for
rare words, which would have to be counted; a word as it was typed counts more than one that only begins like it.
"""
from operator import itemgetter

from app.models import MAX_ID, Post
from app.search.folding import fold
from app.search.query import MOST_TERMS, Query, Term

OFTEN = 1.2  # how soon one more of the same word adds little
USUAL = 20  # words of a post
BEGINS = 0.5
STEPS = 1000  # of how well a post fits by a term
HIGHEST = MOST_TERMS * STEPS * (MAX_ID + 1)


def best_first(query: Query, posts: list[Post]) -> dict[int, Post]:
    """The posts by their ranks, the best first."""
    return dict(sorted(((rank(query, post), post) for post in posts), reverse=True, key=itemgetter(0)))


def rank(query: Query, post: Post) -> int:
    """How well a post fits, which nothing but itself has a part in; of equals the newest is the higher."""
    tokens = fold(post.body)
    length = OFTEN * (0.25 + 0.75 * len(tokens) / USUAL)
    often = [_often(term, tokens) for term in query.terms]
    fit = sum(number / (number + length) for number in often if number)
    return int(fit * STEPS) * (MAX_ID + 1) + post.id


def _often(term: Term, tokens: list[str]) -> float:
    """How often a post has a term; the beginning of a word counts half."""
    size, last = len(term.tokens), term.tokens[-1]
    number = 0.0
    for start in range(len(tokens) - size + 1):
        if tuple(tokens[start:start + size - 1]) == term.tokens[:-1]:
            word = tokens[start + size - 1]
            number += 1 if word == last else BEGINS if term.is_prefix and word.startswith(last) else 0
    return number
