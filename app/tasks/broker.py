"""Celery, where a broker is set: a thread tells the broker which rows are due, and Celery's workers run them.

A message holds the id of a row and is a hint, no more: the row says whether there is anything to do, so a message may
come twice. It may also be lost, and then nobody comes for the row: a worker looks for such rows by itself. (On Redis a
worker whose connection breaks in the wrong moment hears of no message any more, until it is started again.) While a
task waits, its heartbeat says when the broker was told.
"""
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from celery import Celery
from celery.signals import celeryd_init, worker_process_init, worker_process_shutdown
from flask import Flask
from kombu.exceptions import KombuError

from app.extensions import db
from app.models import Task, rows_changed, utcnow
from app.tasks import WAITING, claims, runner
from config import SettingError

AT_ONCE = 100
NEGLECTED_SECONDS = 60  # after which a worker takes what it should have heard of
CONNECT_SECONDS = 2
ANSWER_SECONDS = 5

SETTINGS = {
    'task_default_queue': 'microblog', 'task_ignore_result': True, 'worker_prefetch_multiplier': 1,
    'worker_redirect_stdouts': False, 'broker_connection_retry_on_startup': True, 'broker_connection_max_retries': None,
    'worker_enable_remote_control': False,  # RabbitMQ keeps its queue for a connection that broke, and the worker ends
}


def celery_of(app: Flask) -> Celery:
    """The application for Celery's workers, made once; SettingError when no broker is set."""
    if not app.config['CELERY_BROKER_URL']:
        raise SettingError('CELERY_BROKER_URL is missing; it names the Redis or the RabbitMQ of Celery.')
    if 'celery' not in app.extensions:
        app.extensions['celery'] = _make(app)
    return app.extensions['celery']


def _make(app: Flask) -> Celery:
    celery = Celery('microblog', broker=app.config['CELERY_BROKER_URL'], set_as_current=False)
    celery.conf.update(SETTINGS)

    @celery.task(name='microblog.run', shared=False)  # of this application alone, should a process make two
    def told(id: int) -> None:
        begin()  # a worker of threads says nothing of its processes
        run_one(app, Task.id == id)

    def begin(**_sent) -> None:
        if runner.has_begun():
            return
        with app.app_context():
            db.engine.dispose(close=False)  # the parent's connections are not ours
        teller = Teller(app)  # of what its jobs leave to do
        runner.begin(app, 1, lambda this: teller.turn(this) or run_one(app, _is_neglected()))
    celeryd_init.connect(lambda **_sent: setattr(app.logger, 'propagate', False), weak=False)  # it has its own handlers
    worker_process_init.connect(begin, weak=False)
    worker_process_shutdown.connect(lambda **_sent: runner.stop(), weak=False)
    return celery


def run_one(app: Flask, condition: sa.ColumnElement[bool]) -> bool:
    """Run a task that still waits and of which this is true; False when there is none."""
    with app.app_context():
        claim = claims.take(condition)
    if claim is not None:
        runner.run(app, claim)
    return claim is not None


class Teller:
    """Tells the broker of rows that are due, on a connection of its own that gives up in time."""

    def __init__(self, app: Flask):
        self.app = app
        self.celery = celery_of(app)
        self.producer: Any = None
        self.is_away = False
        transport = self.celery.connection_for_write()
        self.errors = (*transport.connection_errors, *transport.channel_errors, KombuError, OSError)

    def turn(self, _runner: runner.Runner) -> bool:
        """Tell of what is due; False when that is nothing, or the broker does not answer."""
        with self.app.app_context():
            due = sa.select(Task.id).where(claims.is_due(), Task.heartbeat.is_(None))
            ids = list(db.session.scalars(due.order_by(Task.run_after).limit(AT_ONCE)))
            db.session.rollback()
            return bool(ids) and self.tell(ids)

    def tell(self, ids: list[int]) -> bool:
        """Note that the broker knows of these rows, and tell it; of what it does not take it is noted again."""
        left, was_kept = list(ids), self.producer is not None
        try:
            producer = self.producer = self.producer or self._connect()
            _mark(ids, utcnow())
            while left:
                self.celery.send_task('microblog.run', (left[0],), producer=producer, retry=False)
                del left[0]
        except self.errors as error:
            self._hang_up()
            _mark(left, None)
            return was_kept or self._miss(error)  # a connection that lay idle may be dead: once more, on a new one
        self.is_away = False
        return True

    def _connect(self):
        options = {'socket_connect_timeout': CONNECT_SECONDS, 'socket_timeout': ANSWER_SECONDS} if (
            self.app.config['CELERY_BROKER_URL'].startswith('redis')) else {
            'read_timeout': ANSWER_SECONDS, 'write_timeout': ANSWER_SECONDS, 'confirm_publish': True}
        connection = self.celery.connection_for_write(
            connect_timeout=CONNECT_SECONDS, heartbeat=0, transport_options=options)
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT_SECONDS)
            return self.celery.amqp.Producer(connection, auto_declare=False)
        except self.errors:
            connection.collect()
            raise

    def _hang_up(self) -> None:
        producer, self.producer = self.producer, None
        if producer is not None:
            producer.connection.collect()  # without a word of farewell, for which it could let us wait

    def _miss(self, error: BaseException) -> bool:
        if not self.is_away:
            self.app.logger.warning('The broker does not answer (%s); tasks wait for it', type(error).__name__)
        self.is_away = True
        return False


def _is_neglected() -> sa.ColumnElement[bool]:
    """That a task has been due for a minute, and nobody has come since the broker was told, if it ever was."""
    before = utcnow() - timedelta(seconds=NEGLECTED_SECONDS)
    return sa.and_(Task.run_after < before, sa.or_(Task.heartbeat.is_(None), Task.heartbeat < before))


def _mark(ids: list[int], moment) -> None:
    rows_changed(sa.update(Task).where(Task.id.in_(ids), Task.state == WAITING).values(heartbeat=moment))
    db.session.commit()
