"""The rows of a data set, in blocks, the same at each run: authors and follows spread as Zipf says."""
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from app.models import email_key, name_key, username_key
from bench import words
from bench.plan import Plan, Reader

BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SPAN = (END - BEGIN) // MILLISECOND
BLOCK = 10_000
OFFSET = 3  # flattens the head of the distribution: the first author writes 3 % of all, not 10
MOST_FOLLOWED = 500  # people that somebody who is no reader follows, at most

Rows = list[tuple]


def ranked(plan: Plan, by: str) -> list[int]:
    """The ids of all authors, the first in `by` first: `posts` or `followers`."""
    ids = list(plan.author_ids)
    random.Random(by).shuffle(ids)
    return ids


def people(plan: Plan) -> Iterator[Rows]:
    """What is in PERSON, for everybody."""
    for ids in blocks(plan.people):
        yield [_person(id, username(plan, id)) for id in ids]


def username(plan: Plan, id: int) -> str:
    """What somebody is called."""
    return plan.readers[id - 1].username if id <= len(plan.readers) else words.username(id)


PERSON = ('id', 'username', 'username_key', 'email', 'email_key', 'name', 'name_key', 'about_me', 'language',
          'security_stamp', 'created_at', 'last_seen')


def _person(id: int, username: str) -> tuple:
    email, name = f'{username}@example.com', words.name(id)
    return (id, username, username_key(username), email, email_key(email), name, name_key(name), words.about(id), 'en',
            f'{id:032x}', text_of(0), text_of(SPAN))


FOLLOW = ('follower_id', 'followed_id', 'created_at')


def follows(plan: Plan) -> Iterator[Rows]:
    """Whom the readers follow, then everybody else."""
    chance = random.Random('follows')
    by_posts = ranked(plan, 'posts')
    for reader in plan.readers:
        yield _follows_of(reader.id, followed_by(reader, by_posts), chance)
    popular = ranked(plan, 'followers')
    weights = zipf(len(popular))
    block: Rows = []
    for id in plan.author_ids:
        count = min(int(chance.paretovariate(1.2) * 5), MOST_FOLLOWED)
        chosen = set(chance.choices(popular, cum_weights=weights, k=count)) - {id}
        block += _follows_of(id, sorted(chosen), chance)
        if len(block) > BLOCK:
            yield block
            block = []
    yield block


def followed_by(reader: Reader, by_posts: list[int]) -> list[int]:
    """Whom a reader follows, of the authors with the busiest first."""
    if not reader.follows or reader.kind == 'busy':
        return by_posts[:reader.follows]
    if reader.kind == 'quiet':
        return by_posts[-reader.follows:]
    return random.Random(reader.name).sample(by_posts, reader.follows)


def _follows_of(id: int, followed: list[int], chance: random.Random) -> Rows:
    return [(id, other, text_of(int(chance.random() * SPAN), id % 1000)) for other in followed]


def zipf(count: int) -> list[float]:
    """Cumulated weights of ranks 1 to `count`."""
    return list(accumulate(1 / (rank + OFFSET) for rank in range(count)))


def blocks(count: int) -> Iterator[range]:
    """The numbers from 1 to `count` in ranges."""
    return (range(start, min(start + BLOCK, count + 1)) for start in range(1, count + 1, BLOCK))


def text_of(since: int, micros: int = 0) -> str:
    """A moment, milliseconds (and microseconds) after BEGIN, as all three databases read it; in UTC."""
    seconds, millis = divmod(since, 1000)
    days, seconds = divmod(seconds, 86_400)
    minutes, seconds = divmod(seconds, 60)
    return f'{_day(days)} {minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{millis:03}{micros:03}'


def _day(number: int) -> str:
    found = _days.get(number)
    if found is None:
        found = _days[number] = f'{BEGIN + timedelta(days=number):%Y-%m-%d}'
    return found


_days: dict[int, str] = {}
