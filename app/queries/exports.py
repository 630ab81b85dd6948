"""What a person asked to take with them, and how far it is."""
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from app.extensions import db
from app.models import Export, Task, User, utcnow

KEPT = timedelta(days=7)
TASK = 'export:'
PENDING = ('waiting', 'running')


class State(NamedTuple):
    """The file that is there, and the one that is being made or could not be made."""

    made: Export | None = None
    task: Task | None = None
    is_pending: bool = False
    has_failed: bool = False

    @property
    def percent(self) -> int | None:
        """How much of the next file is done; None when none is being made."""
        return self.task.progress if self.task is not None and self.is_pending else None

    @property
    def kept_until(self) -> datetime | None:
        """When the file goes."""
        return self.made.finished_at + KEPT if self.made is not None and self.made.finished_at else None


def state(user: User) -> State:
    """Where a person's exports stand, in one statement."""
    its_task = Task.key == sa.literal(TASK) + sa.cast(Export.id, sa.String)
    own = sa.select(Export, Task).outerjoin(Task, its_task).where(Export.user_id == user.id, is_kept(utcnow()))
    rows = db.session.execute(own.order_by(Export.id.desc()).limit(5)).all()
    made = next((export for export, _task in rows if export.finished_at is not None), None)
    if not rows or rows[0][0] is made:
        return State(made)
    task = rows[0][1]
    is_pending = task is not None and task.state in PENDING
    return State(made, task, is_pending, not is_pending)


def finished(user: User, id: int) -> Export | None:
    """A person's own file, if it is whole and not too old."""
    return db.session.scalar(sa.select(Export).where(
        Export.id == id, Export.user_id == user.id, Export.finished_at.is_not(None), is_kept(utcnow())))


def is_kept(now: datetime) -> sa.ColumnElement[bool]:
    """The condition that a file is not too old; one that was not made counts from when it was asked for."""
    return sa.func.coalesce(Export.finished_at, Export.created_at) > now - KEPT


def task_key(id: int) -> str:
    """The key of the task that makes an export."""
    return f'{TASK}{id}'
