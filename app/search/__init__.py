"""Search: one interface, two engines; the one in the database is always there.

An engine finds ids of posts and knows no rule: who may see them, `results.py` asks `visible_to`. It is a module with
the functions below, which are the whole interface; `app/search/embedded` and `app/search/elastic` are the two. Both
store for each post exactly the tokens of `indexing.document` and find exactly the posts that `query.Query` describes,
so that their answers are the same. `tests/search/table.py` holds them to it.

Asking (all may raise SearchDown or TooSlow, after 1.5 s at the latest):

    find(query: Query, way: Way, cursor: int, limit: int) -> Hits
        Up to `limit` ids beyond `cursor` in this direction (`OLDER`: below it, descending; `NEWER`: above it,
        ascending), nearest first, within query.since <= id < query.until. Never the cursor itself. It may look at
        part of the posts only, so as not to take long: it then says how far it came.
    countable(query: Query) -> list[int] | None
        All ids that there are, or the newest COUNTED + 1 of more; None where that would not be cheap. Asked once a
        search, for its first page, when that is full.

Following what happens to posts. The first three run inside the flush and write by the connection that they get, in the
transaction of the post; they must not fail or wait because a server outside does. The last two are called by acts.

    post_added(connection, post) / post_changed(connection, post) / post_deleted(connection, post)
    author_removed(user_id: int)    somebody left or is not to be found any more: all their posts leave the index
    author_added(user_id: int)      they may be found again

Looking after it, from the shell; whoever calls commits after each step, so a step is one transaction and what was
done stays done when the process is killed. All three may raise SearchDown.

    rebuild() -> Iterator[tuple[int, int]]     index everything anew; (posts done, posts in all) after each step;
                                               begun again after an interruption, it goes on where it was
    check() -> Iterator[Difference]            compare index and table, a step for some thousand posts
    status() -> list[tuple[str, str]]          lines for `flask search status`: (what, value)
    state() -> str                             'ok', 'filling' (answers, but not everything is in yet), 'down';
                                               quick, for /readyz: no more than one look at what is known already
"""
from dataclasses import dataclass, field
from types import ModuleType

from flask import current_app

COUNTED = 1000


class SearchDown(Exception):
    """The engine does not answer; it may again in a while."""


class TooSlow(Exception):
    """This question would take too long here; one with another word may not."""


@dataclass
class Hits:
    """Ids, nearest first. `stopped_at` is the last id looked at when there may be more behind it, else None.

    With as many ids as were asked for, `stopped_at` does not matter: the last of them is the way on.
    """

    ids: list[int] = field(default_factory=list)
    stopped_at: int | None = None

    def all_within(self, limit: int) -> list[int] | None:
        """The ids when there are no others, or as many as were asked for; None when nobody looked at the rest."""
        return self.ids if self.stopped_at is None or len(self.ids) == limit else None


@dataclass
class Difference:
    """What a step of a check found: posts that the index lacks, and entries without a post or with other words."""

    looked_at: int = 0
    missing: list[int] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)


def engine() -> ModuleType:
    """The engine of this site, by its settings."""
    if current_app.config.get('ELASTICSEARCH_URL'):
        from app.search import elastic
        return elastic
    from app.search import embedded
    return embedded


def state() -> str:
    """How search is: 'ok', 'filling' or 'down'."""
    return engine().state()
