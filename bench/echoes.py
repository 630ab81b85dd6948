"""What goes with the posts of a data set: mentions, tags, likes, and what people were told."""
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count

from app.models import tag_key
from bench import words
from bench.plan import Plan
from bench.posts import written
from bench.rows import BLOCK, SPAN, Rows, blocks, text_of

MENTION = ('post_id', 'user_id', 'author_id')
TAG, POST_TAG = ('id', 'key'), ('tag_id', 'post_id')
LIKE = ('user_id', 'post_id', 'created_at')
NOTIFICATION = ('id', 'user_id', 'kind', 'actor_id', 'post_id', 'created_at', 'is_read')
KINDS = ('like', 'reply', 'repost', 'mention')
MANY, FEW = 600, 10  # that a reader and anybody else was told
TOLD_FOR = timedelta(days=80)


def mentions(plan: Plan) -> Iterator[Rows]:
    """Whoever is answered is named."""
    for drafts in written(plan):
        yield [(draft.id, draft.parent.author, draft.author) for draft in drafts
               if draft.parent and draft.parent.author != draft.author]


def tags() -> Iterator[Rows]:
    """Every tag that there is."""
    yield [(id, tag_key(tag)) for id, tag in enumerate(words.TAGS, 1)]


def tagged(plan: Plan) -> Iterator[Rows]:
    """Which posts have which tag."""
    ids = {tag: id for id, tag in enumerate(words.TAGS, 1)}
    for drafts in written(plan):
        found = ((draft.id, words.tag_of(words.body(draft.number))) for draft in drafts if draft.original is None)
        yield [(ids[tag], id) for id, tag in found if tag]


def likes(plan: Plan) -> Iterator[Rows]:
    """As many as each post counts, of the first post those of all authors; in the order of their table, in any other
    five millions would take ten minutes."""
    found = sorted(_likes(plan))
    for start in range(0, len(found), BLOCK):
        yield [(id, post, text_of(moment, id % 1000)) for id, post, moment in found[start:start + BLOCK]]


def _likes(plan: Plan) -> Iterator[tuple[int, int, int]]:
    chance = random.Random('likes')
    for drafts in written(plan):
        for draft in drafts:
            start = chance.randrange(plan.authors)
            for step in range(draft.likes):
                yield plan.author_ids[(start + step) % plan.authors], draft.id, chance.randrange(SPAN)


def notifications(plan: Plan, posts: Sequence[int], now: datetime) -> Iterator[Rows]:
    """What everybody was told lately of these posts: the site removes what is older than ninety days."""
    ids = count(1)
    for people in blocks(plan.people):
        block: Rows = []
        for id in people:
            number = MANY if id <= len(plan.readers) else FEW
            for step in range(number):
                actor = plan.author_ids[(id + step) % plan.authors]
                moment = now - TOLD_FOR * (number - step) / number
                block.append((next(ids), id, KINDS[step % 4], actor, posts[(id + step // 8) % len(posts)],
                              f'{moment:%Y-%m-%d %H:%M:%S.%f}', 1))
        yield block
