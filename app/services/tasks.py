"""Looking after work in the background by hand."""
from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa

from app.models import Task, rows_changed, utcnow
from app.tasks import DONE, FAILED, WAITING


def retry(ids: Collection[int] | None) -> int:
    """Let tasks that failed, or that wait for another try, run now and for another day; all that failed when None.

    How many these are: what runs, and what is done, is left alone.
    """
    wanted = Task.state == FAILED if ids is None else sa.and_(Task.id.in_(ids), Task.state.in_([FAILED, WAITING]))
    now = utcnow()
    return rows_changed(sa.update(Task).where(wanted).values(
        state=WAITING, run_after=now, created_at=now, heartbeat=None, finished_at=None))


def purge(states: Collection[str], older_than: timedelta) -> int:
    """Remove tasks that are done or failed, and have been for so long; how many."""
    over = sa.and_(Task.state.in_({DONE, FAILED} & set(states)), Task.finished_at <= utcnow() - older_than)
    return rows_changed(sa.delete(Task).where(over))
