"""Tasks of one job that are done together: whoever runs one takes along what the others wait for."""
from collections.abc import Callable, Collection, Iterable

import sqlalchemy as sa

from app.extensions import db
from app.models import Task, rows_changed, utcnow
from app.tasks import DONE, WAITING, request_id


def enqueue_in_flush(connection: sa.Connection, function: Callable, **arguments) -> None:
    """What `enqueue` does, for those who are called while rows are written and must not add another to the session."""
    connection.execute(sa.insert(Task).values(name=function.__name__, arguments=arguments,
                                               request_id=request_id()))
    db.session.info['has_new_tasks'] = True


def unfinished(function: Callable, limit: int | None = None, states: Collection[str] = (WAITING,)) -> dict[int, dict]:
    """The arguments of tasks that wait for this job, due or not, by their ids; those that are due first come first."""
    found = sa.select(Task.id, Task.arguments).where(Task.state.in_(states), Task.name == function.__name__)
    rows = db.session.execute(found.order_by(Task.run_after).limit(limit))
    return {id: arguments or {} for id, arguments in rows}


def finish(ids: Iterable[int]) -> None:
    """End tasks whose work was done along with another's; those that somebody has begun meanwhile are done twice.

    They stay as rows: SQLite would give the number of a removed one to the next task, which another run, that has seen
    the same ones wait, would then remove.
    """
    ids = list(ids)
    if ids:
        rows_changed(sa.update(Task).where(Task.id.in_(ids), Task.state == WAITING).values(
            state=DONE, progress=100, arguments=None, finished_at=utcnow()))
