"""Figures for Prometheus, where METRICS_TOKEN is set: requests, tasks, letters, events, connections to the database.

Each process counts in files of its own in `instance/metrics`, and whoever is asked adds them up (prometheus-client's
multiprocess mode): so any worker of the web server speaks for all processes of this machine.
"""
import os
import time
from collections.abc import Iterable
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
EMPTY_BYTES = 8  # of a file: how much of it is used, and how its lines are aligned

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
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    families = [GaugeMetricFamily(f'microblog_{name}', words, value) for name, words, value in gauges]
    return generate_latest(registry) + generate_latest(_Families(families))


def folder() -> Path:
    """Where the processes of this machine count."""
    return Path(os.environ.get('PROMETHEUS_MULTIPROC_DIR') or config.INSTANCE / 'metrics')


def forget_dead() -> None:
    """Remove what processes counted that are gone, at a start; Prometheus knows that counters begin anew."""
    for path in _of_the_dead():
        path.unlink(missing_ok=True)


def fold_dead() -> None:
    """Add what processes counted that are gone to one file, which only the server's first process writes.

    Sums must not fall while it runs: Prometheus would take that for a new beginning. Nor may a file of each stay.
    """
    for path in _of_the_dead():
        kind, _, number = path.stem.partition('_')
        if number != FOLDED:
            values = [] if kind == 'gauge' else _values(path)  # connections that are no more
            path.unlink(missing_ok=True)
            _add(values, str(folder() / f'{kind}_{FOLDED}.db'))


def _of_the_dead() -> list[Path]:
    """The files of processes that are gone, and that of what was folded."""
    return [path for path in folder().glob('*_*.db') if not Path(f'/proc/{path.stem.rpartition("_")[2]}').exists()]


def _values(path: Path) -> list[tuple[str, float, float]]:
    from prometheus_client.mmap_dict import MmapedDict

    if path.stat().st_size < EMPTY_BYTES:  # its process was killed while it made the file
        return []
    return [(key, value, moment) for key, value, moment, _place in MmapedDict.read_all_values_from_file(str(path))]


def _add(values: list[tuple[str, float, float]], name: str) -> None:
    from prometheus_client.mmap_dict import MmapedDict

    if values:
        sums = MmapedDict(name)
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
