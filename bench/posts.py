"""The posts of a data set: of ten five stand alone, three are answers, and two are reposts.

What is answered or passed on lies in the same block, so no counter of an earlier block changes. Only the first post of
all is answered for two years, by as many people as the plan says, and everybody likes it.
"""
import random
from collections.abc import Iterator
from dataclasses import dataclass

from app.models import Visibility, first_id
from app.models.ids import LOW_BITS
from bench import words
from bench.plan import Plan
from bench.rows import BEGIN, SPAN, Rows, blocks, ranked, text_of, username, zipf

OWN_POSTS = {'quiet': 0, 'busy': 0.005, 'mixed': 0.0005}  # of all, of the readers who follow nobody
ANSWERS, REPOSTS = (5, 6, 7), (8, 9)  # the last digits of their numbers
LATELY = 200  # posts that one answers or passes on
GOES_ON = 0.2  # of the answers, so many are by whoever wrote what they answer
LIKED, MOST_LIKES = 0.2, 5
POST = ('id', 'body', 'timestamp', 'user_id', 'language', 'visibility', 'parent_id', 'parent_author_id', 'root_id',
        'repost_of_id', 'replies_count', 'likes_count', 'reposts_count')


@dataclass(slots=True)
class Draft:
    """A post before it is a row; `since` is in milliseconds after BEGIN."""

    id: int
    number: int
    since: int
    author: int
    visibility: int = Visibility.PUBLIC
    parent: 'Draft | None' = None
    original: 'Draft | None' = None
    root: int | None = None
    replies: int = 0
    likes: int = 0
    reposts: int = 0


def posts(plan: Plan) -> Iterator[Rows]:
    """The rows in the order of time."""
    for drafts in written(plan):
        yield [_row(plan, draft) for draft in drafts]


def written(plan: Plan) -> Iterator[list[Draft]]:
    """The same before they are rows, for what belongs to them."""
    chance = random.Random('posts')
    authors, weights = writers(plan)
    first: Draft | None = None
    for numbers in blocks(plan.posts):
        chosen = chance.choices(authors, cum_weights=weights, k=len(numbers))
        drafts = sorted((_draft(plan, *each, chance) for each in zip(numbers, chosen, strict=True)), key=_id)
        if first is None:
            first = drafts[0]
            first.replies, first.likes = plan.answers, plan.authors
        _talk(plan, drafts, first, chance)
        yield drafts


def writers(plan: Plan) -> tuple[list[int], list[float]]:
    """Who writes, with cumulated weights: all authors, and the readers who follow nobody."""
    authors = ranked(plan, 'posts')
    weights = zipf(len(authors))
    for reader in plan.readers:
        if not reader.follows:
            authors.append(reader.id)
            weights.append(weights[-1] + weights[len(plan.author_ids) - 1] * OWN_POSTS[reader.kind])
    return authors, weights


def _draft(plan: Plan, number: int, author: int, chance: random.Random) -> Draft:
    """A post with an id as the application draws it."""
    since = int((number - chance.random()) * (SPAN / plan.posts))
    low = chance.getrandbits(LOW_BITS - 1) << 1 | number & 1  # neighbours in one millisecond differ
    likes = 1 + chance.randrange(MOST_LIKES) if chance.random() < LIKED else 0
    return Draft((first_id(BEGIN) >> LOW_BITS) + since << LOW_BITS | low, number, since, author, likes=likes)


def _id(draft: Draft) -> int:
    return draft.id


def _talk(plan: Plan, drafts: list[Draft], first: Draft, chance: random.Random) -> None:
    """Let the posts of a block answer each other and pass each other on."""
    lately: list[Draft] = []
    passed_on: set[tuple[int, int]] = set()
    for draft in drafts:
        about = lately[-1 - chance.randrange(min(len(lately), LATELY))] if lately else draft
        if plan.is_hidden(draft.number):
            draft.author, draft.visibility = plan.hidden_id, plan.visibility_of_hidden(draft.number)
        elif draft.number % 10 in REPOSTS and lately and (about.id, draft.author) not in passed_on:
            draft.original, draft.likes = about, 0
            about.reposts += 1
            passed_on.add((about.id, draft.author))
        else:
            if plan.answers_first(draft.number):
                _answer(draft, first)
            elif draft.number % 10 in ANSWERS and lately:
                _answer(draft, about)
                about.replies += 1
                draft.author = about.author if chance.random() < GOES_ON else draft.author
            lately.append(draft)


def _answer(draft: Draft, parent: Draft) -> None:
    draft.parent, draft.root = parent, parent.root or parent.id


def _row(plan: Plan, draft: Draft) -> tuple:
    parent, original = draft.parent, draft.original
    body = '' if original else words.body(draft.number)
    if parent and parent.author != draft.author:
        body = f'@{username(plan, parent.author)} {body}'
    return (draft.id, body, text_of(draft.since), draft.author, 'en', draft.visibility, parent and parent.id,
            parent and parent.author, draft.root, original and original.id, draft.replies, draft.likes, draft.reposts)
