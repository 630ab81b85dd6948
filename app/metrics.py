"""Figures for Prometheus, where METRICS_TOKEN is set: requests, tasks, letters, events, connections to the database.

Each process counts in files of its own in `instance/metrics`, and whoever is asked adds them up (prometheus-client's
multiprocess mode): so any worker of the web server speaks for all processes of this machine.
"""
import logging
import os
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, g, request

import config
from app.extensions import db

BUCKETS = (.01, .025, .05, .1, .25, .5, 1, 2.5, 5)  # seconds
OTHER = 'other'
FOLDED = '0'  # in place of the number of a process, which no process has
SPOILT = OSError, ValueError, TypeError, RuntimeError, struct.error  # what the library says of a file

_log = logging.getLogger(__name__)
_is_on = False
_making = Lock()


def init_app(app: Flask) -> None:
    """Time every request; registered first, so that it sees the whole answer."""
    global _is_on
    _is_on = bool(app.config['METRICS_TOKEN'])
    if _is_on:
        os.environ['PROMETHEUS_MULTIPROC_DIR'] = str(folder())  # which the library asks when it is loaded
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        app.before_request(_begin)
        app.after_request(_note_request)


def count(what: str, *labels: str) -> None:
    """Count a task (name, outcome), a letter (outcome) or an event (kind); nothing where figures are off."""
    if _is_on:
        getattr(_figures(), what).labels(*labels).inc()


def exposition(gauges: Iterable[tuple[str, str, float]]) -> bytes:
    """All figures in Prometheus's text format, and these: name, help, value."""
    from prometheus_client import generate_latest
    from prometheus_client.core import GaugeMetricFamily

    with _alone():
        _fold_dead()
        counted = _counted()
    return generate_latest(_Families(
        [*counted, *(GaugeMetricFamily(f'microblog_{name}', words, value) for name, words, value in gauges)]))


def folder() -> Path:
    """Where the processes of this machine count."""
    return Path(os.environ.get('PROMETHEUS_MULTIPROC_DIR') or config.INSTANCE / 'metrics')


def forget_dead() -> None:
    """Remove what processes counted that are gone, at a start; Prometheus knows that counters begin anew."""
    for path in folder().glob('*_*.db'):
        if _is_gone(path):
            path.unlink(missing_ok=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time add up; the system ends the turn of one that is killed."""
    import fcntl

    handle = os.open(folder(), os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _fold_dead() -> None:
    """Add what processes counted that are gone to one file. The server's first process never does so: nothing that
    happens to it may end the site.

    Sums must not fall while the site runs: Prometheus would take that for a new beginning. Nor may a file of each stay.
    """
    for path in folder().glob('*_*.db'):
        kind, _, number = path.stem.partition('_')
        if number != FOLDED and _is_gone(path):
            values = [] if kind == 'gauge' else _values(path)  # connections that are no more
            path.unlink(missing_ok=True)
            _add(values, folder() / f'{kind}_{FOLDED}.db')


def _is_gone(path: Path) -> bool:
    """True when no process writes this file any more."""
    number = path.stem.rpartition('_')[2]
    return number == FOLDED or not Path(f'/proc/{number}').exists()


def _counted() -> list:
    """The sums of all files that can be read."""
    from prometheus_client.multiprocess import MultiProcessCollector

    paths = list(folder().glob('*_*.db'))
    try:
        return list(MultiProcessCollector.merge(map(str, paths)))
    except SPOILT:
        return list(MultiProcessCollector.merge([str(path) for path in paths if _values(path)]))


def _values(path: Path) -> list[tuple[str, float, float]]:
    """What a file holds; of one that was spoilt nothing, and the log says so."""
    from prometheus_client.mmap_dict import MmapedDict
    from prometheus_client.multiprocess import MultiProcessCollector

    try:
        MultiProcessCollector.merge([str(path)])  # can be shown, too
        return [(key, value, moment) for key, value, moment, _ in MmapedDict.read_all_values_from_file(str(path))]
    except SPOILT as error:
        _log.warning('What was counted in %s cannot be read: %s', path, error)
        if path.stem.endswith(f'_{FOLDED}'):
            path.unlink(missing_ok=True)  # nobody else would
        return []


def _add(values: list[tuple[str, float, float]], path: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict

    if values:
        if path.exists():
            _values(path)  # begins anew when it was spoilt
        sums = MmapedDict(str(path))
        for key, value, moment in values:
            sums.write_value(key, sums.read_value(key)[0] + value, moment)
        sums.close()


class _Families(list):
    """Figures that are known already, as the library asks for them."""

    def collect(self) -> list:
        return self


def _begin() -> None:
    g.began = time.perf_counter()


def _note_request(response: Response) -> Response:
    figures = _figures()
    seconds = time.perf_counter() - g.get('began', time.perf_counter())
    method = request.method if request.method in ('GET', 'POST') else OTHER
    figures.requests.labels(method, request.blueprint or OTHER).observe(seconds)
    figures.responses.labels(str(response.status_code)).inc()
    figures.pool.set(getattr(db.engine.pool, 'checkedout', int)())
    return response


def _figures() -> Any:
    """The figures themselves; two of a kind in one process would write over each other's sums."""
    with _making:
        return _made()


@cache
def _made() -> Any:
    """The figures, made with the first one: without them, nobody loads the library."""
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

    own: Any = {'registry': CollectorRegistry(), 'namespace': 'microblog'}
    kinds = ['method', 'part']
    return SimpleNamespace(
        requests=Histogram('request_seconds', 'Time until an answer was ready', kinds, buckets=BUCKETS, **own),
        responses=Counter('responses', 'Answers by their status', ['status'], **own),
        tasks=Counter('tasks', 'Work in the background that ended', ['name', 'outcome'], **own),
        letters=Counter('letters', 'Letters to the mail server', ['outcome'], **own),
        events=Counter('events', 'What happened to accounts, log-ins too', ['kind'], **own),
        pool=Gauge('pool_connections_used', 'Connections to the database in use', multiprocess_mode='livesum', **own))
