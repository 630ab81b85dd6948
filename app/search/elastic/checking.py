"""What the index holds compared with the table, and how it is."""
import time
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from app.extensions import db
from app.models import MAX_ID, Post
from app.search import Difference, SearchDown
from app.search.elastic import asking, documents, indexes
from app.search.elastic.following import AT_ONCE, index_posts, index_posts_of
from app.search.elastic.server import server
from app.tasks import RUNNING, WAITING, enqueue, together

STEP = 5000
KNOWN_SECONDS = 10


def check() -> Iterator[Difference]:
    """Compare index and table from the newest post on, and let tasks set right what differs."""
    below = MAX_ID
    while below:
        stored = documents.rows(Post.id < below, limit=STEP)
        indexed = _sums(asking.between(0, below))
        below = max(min(found) if len(found) == STEP else 0 for found in (stored, indexed))
        found = _differing({id: row for id, row in stored.items() if id >= below},
                           {id: sum for id, sum in indexed.items() if id >= below})
        if found:
            found = _again(found)
        enqueue_all(sorted(found))
        yield Difference(sum(id >= below for id in stored), sorted(found - indexed.keys()),
                         sorted(found & indexed.keys()))


def _differing(stored: dict[int, tuple[str, str, int]], indexed: dict[int, int]) -> set[int]:
    """Ids that only one of both has, or with other words."""
    return {id for id in stored.keys() | indexed.keys()
            if id not in stored or indexed.get(id) != documents.sum_of(documents.words(stored[id]))}


def _again(ids: Collection[int]) -> set[int]:
    """Those that still differ at a second look, and not because a task for them has yet to run."""
    on_their_way = {id for task in together.unfinished(index_posts, states=(WAITING, RUNNING)).values()
                    for id in task['ids']}
    ids = sorted(set(ids) - on_their_way)
    return {id for start in range(0, len(ids), AT_ONCE) for part in [ids[start:start + AT_ONCE]]
            for id in _differing(documents.rows(Post.id.in_(part)), _sums({'terms': {'id': part}}))}


def _sums(condition: dict) -> dict[int, int]:
    """The sums that the index has for some posts, the newest first."""
    with server().fed() as client:
        client.indices.refresh(index=indexes.posts_alias())
        answer = client.search(
            index=indexes.posts_alias(), size=STEP, query={'bool': {'filter': [condition]}}, sort=[{'id': 'desc'}],
            track_total_hits=False, stored_fields='_none_', docvalue_fields=[{'field': 'sum'}],
            allow_partial_search_results=False, filter_path='hits.hits.sort,hits.hits.fields')
    return {hit['sort'][0]: hit['fields']['sum'][0] for hit in answer.get('hits', {}).get('hits', [])}


def enqueue_all(ids: list[int]) -> None:
    """Let tasks bring the index in line with the table for these posts."""
    for start in range(0, len(ids), AT_ONCE):
        enqueue(index_posts, ids=ids[start:start + AT_ONCE])


def status() -> list[tuple[str, str]]:
    """What there is, and how much of it."""
    with server().fed() as client:
        version, there = client.info()['version']['number'], indexes.look(client)
        counted = 0 if there.is_lost else client.count(index=indexes.posts_alias())['count']
    posts = sa.select(sa.func.count()).select_from(Post).where(documents.is_findable())
    waiting = [task for job in (index_posts, index_posts_of) for task in together.unfinished(job).values()]
    names = [index.name for index in (there.current, there.coming) if index]
    return [('engine', f'Elasticsearch {version}'), ('state', state()), ('posts', str(db.session.scalar(posts))),
            ('in the index', str(counted)), ('index', names[0] if names else 'none'),
            ('being filled', names[-1] if there.coming else 'none'), ('tasks waiting', str(len(waiting)))]


def state() -> str:
    """'ok', 'filling' or 'down', as it was known a moment ago: every page of results asks."""
    known = server()
    if known.reading.has_just_failed:
        return 'down'
    if known.reading.failed or known.state == 'down' or known.state_until < time.monotonic():
        known.state = _look()
        known.state_until = time.monotonic() + KNOWN_SECONDS
    return known.state


def _look() -> str:
    try:
        with server().asked() as client:
            asking.ids(client, [asking.between(0, MAX_ID)], 1)
            there = indexes.look(client)
    except SearchDown:
        return 'down'
    return 'filling' if there.is_filling else 'ok'
