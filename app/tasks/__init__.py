"""Work that must not hold up a page: a row in the act's own transaction, run after the commit, tried again.

A job is a function with the decorator `job`; its arguments are JSON. It may run twice and must not mind: a process
may be killed when it is nearly done. What it changes in the database is committed once, together with its end.
"""
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy.orm as so
from flask import g

from app.extensions import db
from app.listening import listens_for
from app.models import Task, add_once, utcnow

WAITING, RUNNING, DONE, FAILED = 'waiting', 'running', 'done', 'failed'

jobs: dict[str, Callable] = {}
long_jobs: set[str] = set()
periodic: dict[str, timedelta] = {}
listeners: list[Callable[[], None]] = []  # the runners of this process, told after each commit
between: list[Callable[[], None]] = []  # what a runner does when nothing is due, such as closing what lies idle


class GiveUp(Exception):
    """Trying again is of no use; the message says why. `after` is called in the transaction that notes it."""

    def __init__(self, message: str, after: Callable[[], None] = lambda: None):
        super().__init__(message)
        self.after = after


def job(function: Callable) -> Callable:
    """Let tasks call this function by its name."""
    jobs[function.__name__] = function
    return function


def long_job(function: Callable) -> Callable:
    """Let tasks call a function that takes minutes: one of them runs at a time, so that letters need not wait."""
    long_jobs.add(function.__name__)
    return job(function)


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
                run_after=run_after or utcnow(), request_id=request_id())
    if key is None:
        db.session.add(task)
    else:
        add_once(task)
    db.session.info['has_new_tasks'] = True


def request_id() -> str:
    """The number of the request that is answered now, or for which the task at hand is done."""
    return g.get('request_id') or g.get('task_request_id') or ''


def report(percent: int) -> None:
    """Say from within a job how far it is; it may be called for each row, and outside of a runner does nothing.

    The owner of the task sees it at once: it is written in a short transaction of its own, twice a second at most. A
    long job should call it often, since it is also where the job makes room for pages, and where it is broken off when
    the process is to end or the task is another runner's by now. Nothing that the job did is kept then, and it begins
    anew elsewhere. On SQLite a job that has written something already holds the lock, so report before you write.
    """
    progress = g.get('progress')
    if progress is not None:
        progress.report(percent)


def mark() -> str:
    """A name for the task at hand that is the same however often it is tried; empty outside of a runner."""
    progress = g.get('progress')
    return progress.mark if progress is not None else ''


def rhythm(name: str, moment: datetime) -> str:
    """The key of a periodic job in the period that holds `moment`."""
    return f'{name}:{int(moment.timestamp() // periodic[name].total_seconds())}'


@listens_for(so.Session, 'after_commit')
def _tell_listeners(session: so.Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released; nothing is committed yet
        return
    if session.info.pop('has_new_tasks', False):
        for listener in listeners:
            listener()


@listens_for(so.Session, 'after_rollback')
def _forget(session: so.Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop('has_new_tasks', None)
