"""How the site is: its tables, and its work in the background."""
from datetime import datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
import sqlalchemy.orm as so
from sqlalchemy.exc import DBAPIError

from app.database import is_unavailable
from app.extensions import db
from app.migrating import is_pending
from app.models import Post, RefusedAddress, SiteWords, Task, moment_of, utcnow

LOOKED_AT = 100


class Numbers(NamedTuple):
    """How many tasks wait, run and have failed, and how many addresses refuse mail."""

    waiting: int
    running: int
    failed: int
    refused: int


def schema() -> str:
    """'ok', or 'pending' when migrations have not run; a database that is ahead of this code will do (see DESIGN)."""
    try:
        stored = set(db.session.scalars(sa.text('SELECT version_num FROM alembic_version')))
    except DBAPIError as error:
        if is_unavailable(error):
            raise
        return 'pending'  # there is no such table
    return 'pending' if is_pending(stored) else 'ok'


def backlog() -> tuple[float, list[str]]:
    """How many seconds the oldest task that is due has waited, and what those say that are to be tried again."""
    rows = db.session.execute(_last_waiting()).all()
    age = (utcnow() - rows[0][0]).total_seconds() if rows else 0.0
    return max(age, 0.0), [error for _oldest, error in rows if error]


def numbers() -> Numbers:
    """What is counted for the page of those who run the site."""
    return Numbers(*db.session.execute(_numbers()).one())


def newest_tasks(state: str | None, count: int) -> list[Task]:
    """The newest tasks, of one state or of all; without their arguments, which may hold a letter."""
    wanted = sa.select(Task).options(so.defer(Task.arguments)).order_by(Task.id.desc())
    return list(db.session.scalars(wanted.where(Task.state == state if state else sa.true()).limit(count)))


def task_counts() -> dict[str, int]:
    """How many tasks there are, by their state."""
    counted = sa.select(Task.state, sa.func.count()).group_by(Task.state)
    return {state: number for state, number in db.session.execute(counted)}  # noqa: C416 mypy knows rows no better


def server_version() -> tuple[int, ...]:
    """The version of the database."""
    db.session.connection()  # by whose first one it is known
    return tuple(part for part in db.engine.dialect.server_version_info or () if isinstance(part, int))


def newest_moment() -> float:
    """When the newest post was written, in seconds since 1970; 0 without any."""
    newest = db.session.scalar(sa.select(sa.func.max(Post.id)))
    return moment_of(newest).timestamp() if newest else 0.0


def words() -> SiteWords:
    """The row of the site's own words, to be changed; it has to be there."""
    return db.session.scalars(sa.select(SiteWords).where(SiteWords.id == 1).with_for_update()).one()


@cache  # built once, as /readyz and /metrics are asked all day
def _last_waiting() -> sa.Select[datetime, str]:
    due = sa.select(sa.func.min(Task.run_after)).where(Task.state == 'waiting').scalar_subquery()
    return sa.select(due, Task.error).where(Task.state == 'waiting').order_by(Task.run_after.desc()).limit(LOOKED_AT)


@cache
def _numbers() -> sa.Select[int, int, int, int]:
    def tasks(state: str) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).where(Task.state == state).scalar_subquery()
    refused = sa.select(sa.func.count()).select_from(RefusedAddress).scalar_subquery()
    return sa.select(tasks('waiting'), tasks('running'), tasks('failed'), refused)
