"""From what was typed to a page of posts: the engine finds ids, `queries` shows those that the viewer may see."""
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import partial

from app.models import MAX_ID, Post, User, username_key
from app.queries import people, posts
from app.queries.pages import OLDER, Found, Page, Walk, Way
from app.search import COUNTED, SearchDown, TooSlow, engine, ranking
from app.search.query import ME, Query, parse

ROUND = 100  # numbers of posts of which not all were counted
LOOKS = 3  # questions to the engine for one page, when what it finds is hidden
BEST = 300  # newest posts among which the best are looked for


@dataclass(frozen=True)
class Answer:
    """What a search found.

    `trouble`: '', 'nothing' to look for, 'login' for from:me, 'nobody' of a name, 'down', 'slow'.
    `total` is how many posts the viewer may see, or more than that when `has_more`; None when nobody counted.
    """

    query: Query
    page: Page = field(default_factory=Page)
    total: int | None = None
    has_more: bool = False
    is_bounded: bool = False  # not all posts were looked through that could stand on this page
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
        bounded = page.older is not None and len(page.posts) < count
        answer = replace(answer, page=page, is_bounded=bounded)
        return _counted(viewer, answer) if before is None and after is None else answer
    except (SearchDown, TooSlow) as error:
        return replace(answer, trouble=_trouble(error))


def best(viewer: User | None, typed: str, zone: tzinfo, before: int | None, after: int | None, count: int) -> Answer:
    """The same with the best first, of the newest that were found; the cursors are ranks."""
    answer = understood(viewer, typed, zone)
    if answer.trouble:
        return answer
    try:
        hits = engine().find(answer.query, OLDER, MAX_ID, BEST)
    except (SearchDown, TooSlow) as error:
        return replace(answer, trouble=_trouble(error))
    ranked = ranking.best_first(answer.query, posts.found(viewer, hits.ids))
    is_whole = len(hits.ids) < BEST and hits.stopped_at is None
    return replace(answer, page=_slice(ranked, before, after, count), total=len(ranked) if is_whole else None)


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


def _counted(viewer: User | None, answer: Answer) -> Answer:
    """The first page with the number of posts; those that the viewer may not see are not counted either."""
    if answer.page.older is None:
        return replace(answer, total=len(answer.page.posts))
    ids = engine().countable(answer.query)
    if ids is None:
        return answer
    shown = len(posts.found_ids(viewer, ids))
    if len(ids) <= COUNTED:
        return replace(answer, total=shown)
    sure = (shown - 1) // ROUND * ROUND
    return replace(answer, total=sure, has_more=True) if sure > 0 else answer


def _slice(ranked: dict[int, Post], before: int | None, after: int | None, count: int) -> Page:
    """The page behind or before a rank, whether or not the post that had it is still there."""
    ranks, start = list(ranked), 0
    if before is not None:
        start = sum(rank >= before for rank in ranks)
    elif after is not None:
        start = max(sum(rank > after for rank in ranks) - count, 0)
    shown = ranks[start:start + count]
    newer = (shown[0] if shown else max((before or 0) - 1, 0)) if start else None
    return Page([ranked[rank] for rank in shown], newer, shown[-1] if start + count < len(ranks) else None)


def _trouble(error: Exception) -> str:
    return 'down' if isinstance(error, SearchDown) else 'slow'
