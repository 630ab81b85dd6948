"""Work that must not hold up a page: a row in the act's own transaction, run after the commit, tried again.

A job is a function with the decorator `job`; its arguments are JSON. It may run twice and must not mind.
"""
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import Task, add_once, utcnow

WAITING, RUNNING, DONE, FAILED = 'waiting', 'running', 'done', 'failed'

jobs: dict[str, Callable] = {}
periodic: dict[str, timedelta] = {}
listeners: list[Callable[[], None]] = []  # the runners of this process, told after each commit


class GiveUp(Exception):
    """Trying again is of no use; the message says why."""


def job(function: Callable) -> Callable:
    """Let tasks call this function by its name."""
    jobs[function.__name__] = function
    return function


def every(period: timedelta) -> Callable[[Callable], Callable]:
    """Run a job once in each period, whichever runner comes first."""
    def register(function: Callable) -> Callable:
        periodic[function.__name__] = period
        return job(function)
    return register


def enqueue(function: Callable, *, user_id: int | None = None, run_after: datetime | None = None,
            key: str | None = None, **arguments) -> None:
    """Let a job run after the commit of the transaction that is open now; with a key, at most one such task exists."""
    task = Task(name=function.__name__, arguments=arguments, user_id=user_id, key=key,
                run_after=run_after or utcnow())
    if key is None:
        db.session.add(task)
    else:
        add_once(task)
    db.session.info['has_new_tasks'] = True


def rhythm(name: str, moment: datetime) -> str:
    """The key of a periodic job in the period that holds `moment`."""
    return f'{name}:{int(moment.timestamp() // periodic[name].total_seconds())}'


@sa.event.listens_for(so.Session, 'after_commit')
def _tell_listeners(session: so.Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released; nothing is committed yet
        return
    if session.info.pop('has_new_tasks', False):
        for listener in listeners:
            listener()


@sa.event.listens_for(so.Session, 'after_rollback')
def _forget(session: so.Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop('has_new_tasks', None)
