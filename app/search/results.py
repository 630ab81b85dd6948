"""From what was typed to a page of posts: the engine finds ids, `queries` shows those that the viewer may see."""
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import partial

from app.models import MAX_ID, Post, User, username_key
from app.queries import people, posts
from app.queries.pages import OLDER, Found, Page, Walk, Way
from app.search import SearchDown, TooSlow, engine, ranking
from app.search.query import ME, Query, parse

LOOKS = 3  # questions to the engine for one page, when what it finds is hidden
BEST = 300  # newest posts among which the best are looked for


@dataclass(frozen=True)
class Answer:
    """What a search found.

    `trouble`: '', 'nothing' to look for, 'login' for from:me, 'nobody' of a name, 'down', 'slow'.
    `total` is how many posts there are, search.COUNTED + 1 for more than that, None when nobody counted.
    """

    query: Query
    page: Page = field(default_factory=Page)
    total: int | None = None
    trouble: str = ''
    name: str = ''


def newest(viewer: User | None, typed: str, zone: tzinfo, before: int | None, after: int | None, count: int) -> Answer:
    """A page of what was found, the newest first."""
    answer = understood(viewer, typed, zone)
    if answer.trouble:
        return answer
    walk = Walk(partial(_find, viewer, answer.query), partial(_has_any, answer.query))
    try:
        page = walk.page(before, after, count)
        return replace(answer, page=page, total=_total(answer.query, page))
    except (SearchDown, TooSlow) as error:
        return replace(answer, trouble=_trouble(error))


def best(viewer: User | None, typed: str, zone: tzinfo, before: int | None, after: int | None, count: int) -> Answer:
    """The same with the best first, of the newest that were found; the cursors are ids of posts on the last page."""
    answer = understood(viewer, typed, zone)
    if answer.trouble:
        return answer
    try:
        ids = engine().find(answer.query, OLDER, MAX_ID, BEST).ids
    except (SearchDown, TooSlow) as error:
        return replace(answer, trouble=_trouble(error))
    ranked = ranking.best_first(answer.query, posts.found(viewer, ids))
    return replace(answer, page=_slice(ranked, before, after, count), total=len(ranked) if len(ids) < BEST else None)


def understood(viewer: User | None, typed: str, zone: tzinfo) -> Answer:
    """The query, with people in the place of names, or why there is none."""
    query = parse(typed, zone)
    names = {username_key(part.text) for part in query.names}
    ids = people.ids_of(viewer, names - {ME}) if names else {}
    if viewer is not None:
        ids[ME] = viewer.id
    for part in query.names:
        id = ids.get(username_key(part.text))
        if id is None:
            return Answer(query, trouble='login' if username_key(part.text) == ME else 'nobody', name=part.text)
        query = query.by(part, id)
    return Answer(query, trouble='nothing' if query.is_empty else '')


def _find(viewer: User | None, query: Query, way: Way, cursor: int, limit: int) -> Found:
    """Look again behind what the viewer may not see, a bounded number of times."""
    shown: list[Post] = []
    for _look in range(LOOKS):
        wanted = limit - len(shown)
        hits = engine().find(query, way, cursor, wanted)
        shown += sorted(posts.found(viewer, hits.ids), key=lambda post: post.id, reverse=way.is_older)
        is_full = len(hits.ids) == wanted
        if len(shown) == limit or not (is_full or hits.stopped_at):
            return Found(shown)
        cursor = hits.ids[-1] if is_full else hits.stopped_at or cursor
    return Found(shown, cursor)


def _has_any(query: Query, way: Way, cursor: int) -> bool:
    """Whether they may be seen is not asked: a link to a page that turns out short does no harm."""
    hits = engine().find(query, way, cursor, 1)
    return bool(hits.ids) or hits.stopped_at is not None


def _total(query: Query, page: Page) -> int | None:
    """How many posts there are; the engine counts only for the first page, and only when there is a second."""
    if page.newer is not None:
        return None
    return len(page.posts) if page.older is None else engine().count(query)


def _slice(ranked: list[Post], before: int | None, after: int | None, count: int) -> Page:
    """The page behind or before a post; the first one when that is not there any more."""
    places = {post.id: place for place, post in enumerate(ranked)}
    start = places[before] + 1 if before in places else max(places.get(after or 0, 0) - count, 0)
    shown, end = ranked[start:start + count], start + count
    return Page(shown, shown[0].id if start and shown else None, shown[-1].id if end < len(ranked) else None)


def _trouble(error: Exception) -> str:
    return 'down' if isinstance(error, SearchDown) else 'slow'
