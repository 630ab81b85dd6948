"""The CPU of one page in one thread, without server and clients: says the same beside other work.

A tenth of the requests took no longer than the figure: what a neighbour adds only falls on the others.
"""
import time
from collections.abc import Iterator

from flask import Flask
from werkzeug.test import Client, EnvironBuilder

from app import db
from bench.servers import cookie_of
from bench.statements import application
from bench.stores import Store
from bench.visits import Visit

WARM_UP, TIMES = 15, 150
SITE = 'http://localhost:5000'
CEILING = '/url_for'


def figures(store: Store, visits: list[Visit]) -> Iterator[tuple[Visit, float, float]]:
    """For each visit the milliseconds of CPU of its page, and of the ceiling right before; a database server's own
    time is not in them."""
    from bench import ceilings
    app = application(store)
    for visit in visits:
        top = milliseconds(ceilings.app, CEILING, cookie_of('1'))
        cookie = cookie_of(visit.reader.token) if visit.reader else ''
        yield visit, milliseconds(app, visit.path, cookie, visit.status), top
    with app.app_context():
        db.engine.dispose()


def milliseconds(app: Flask, path: str, cookie: str, status: int = 200) -> float:
    """CPU time of this thread for one request."""
    first = Client(app, use_cookies=False).get(path, base_url=SITE, headers=[('Cookie', cookie)])
    kept = [line.partition(';')[0] for line in first.headers.getlist('Set-Cookie')]  # now with the key of its forms
    environ = EnvironBuilder(path, base_url=SITE, headers=[('Cookie', kept[-1] if kept else cookie)]).get_environ()
    if first.status_code != status:
        raise RuntimeError(f'{path} answers {first.status_code}')
    waits = []
    for _ in range(WARM_UP + TIMES):
        began = time.thread_time()
        _answer(app, dict(environ))
        waits.append(time.thread_time() - began)
    return sorted(waits[WARM_UP:])[TIMES // 10] * 1000


def _answer(app: Flask, environ: dict) -> None:
    answer = app.wsgi_app(environ, lambda status, headers, exc_info=None: lambda data: None)
    b''.join(answer)
    if hasattr(answer, 'close'):
        answer.close()
