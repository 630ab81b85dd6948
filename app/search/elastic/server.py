"""The way to Elasticsearch: one client a process, short time-outs, a breaker, and one exception for all its faults."""
import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app

from app.search import SearchDown

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

ASK_SECONDS = 0.7  # to connect, and again to answer: a page says within two seconds that search is down
WORK_SECONDS = 10  # for some thousand posts at once, in a task
FAILURES = 3
PAUSE_SECONDS = 5
AT_ONCE = (400, 404)  # an index is missing or of another kind: nobody waits for that
API_KEY = 'apikey'  # the name in an address whose password is an API key
PORTS = {'http': 9200, 'https': 443}


class Breaker:
    """Keeps people from waiting for a server that failed: it is asked again after a pause, by one of them."""

    def __init__(self, failures: int):
        self.failures = failures  # in a row
        self.lock = threading.Lock()
        self.failed = 0
        self.next_try = 0.0
        self.is_said = False  # in the log, that something is wrong

    @property
    def has_just_failed(self) -> bool:
        """True for a while after a failure."""
        return self.failed > 0 and time.monotonic() < self.next_try

    @property
    def is_open(self) -> bool:
        """True while nobody asks the server."""
        return self.failed >= self.failures and self.has_just_failed

    def enter(self) -> None:
        """Raise SearchDown unless the server may be asked now."""
        with self.lock:
            if self.is_open:
                raise SearchDown('it failed a moment ago')
            self.next_try = time.monotonic() + PAUSE_SECONDS  # whoever comes while this one waits is not to wait too

    def fail(self) -> None:
        """Note a failure."""
        with self.lock:
            self.failed += 1
            self.next_try = time.monotonic() + PAUSE_SECONDS

    def work(self) -> None:
        """Note an answer."""
        with self.lock:
            self.failed = 0


class Server:
    """A client, and how it went lately: reading and writing fail for reasons of their own."""

    def __init__(self, addresses: str):
        self.client = connect(addresses)
        self.reading, self.writing = Breaker(FAILURES), Breaker(1)
        self.state, self.state_until = '', 0.0  # what was seen last

    @contextmanager
    def asked(self) -> Iterator['Elasticsearch']:
        """The client for a page; SearchDown for whatever goes wrong."""
        with self._watched(self.reading, 'search'):
            yield self.client.options(request_timeout=ASK_SECONDS)

    @contextmanager
    def fed(self) -> Iterator['Elasticsearch']:
        """The client for a task or the shell; SearchDown for whatever goes wrong."""
        with self._watched(self.writing, 'index'):
            yield self.client.options(request_timeout=WORK_SECONDS)

    @contextmanager
    def _watched(self, breaker: Breaker, act: str) -> Iterator[None]:
        from elasticsearch import ApiError, TransportError
        breaker.enter()
        try:
            yield
        except (ApiError, TransportError, SearchDown) as error:
            self.state_until = 0.0  # what was seen before is not so any more
            if getattr(error, 'status_code', 0) in AT_ONCE:
                breaker.work()
            else:
                breaker.fail()
            self._say(breaker, True, f'Elasticsearch cannot {act} ({reason(error)}).')
            raise SearchDown(reason(error)) from error
        breaker.work()
        self._say(breaker, False, f'Elasticsearch can {act} again.')

    @staticmethod
    def _say(breaker: Breaker, is_wrong: bool, sentence: str) -> None:
        """Write to the log what has changed."""
        if breaker.is_said != is_wrong:
            breaker.is_said = is_wrong
            current_app.logger.log(logging.WARNING if is_wrong else logging.INFO, '%s', sentence)


def server() -> Server:
    """This site's."""
    return _server(current_app.config['ELASTICSEARCH_URL'])


@cache
def _server(addresses: str) -> Server:
    return Server(addresses)


def connect(addresses: str) -> 'Elasticsearch':
    """A client, loaded only where it is used: it takes 25 MB. It tries nothing twice."""
    from elasticsearch import Elasticsearch
    logging.getLogger('elastic_transport').setLevel(logging.CRITICAL)  # what fails is said once, by us
    urls = [urlsplit(url) for url in re.split(' *, *', addresses)]
    key = urls[0].password if urls[0].username == API_KEY else None
    return Elasticsearch([_node(url) for url in urls], api_key=unquote(key) if key else None, max_retries=0)


def _node(url: SplitResult) -> str:
    """An address with its port, and without a key, which is no password."""
    account, at, host = url.netloc.rpartition('@')
    account = '' if url.username == API_KEY else account + at
    return url._replace(netloc=account + (host if url.port else f'{host}:{PORTS[url.scheme]}')).geturl()


def reason(error: Exception) -> str:
    """What went wrong, without the address, which may hold a password, and without what people typed."""
    if isinstance(error, SearchDown):
        return str(error)
    status = getattr(error, 'status_code', '')
    kind = getattr(error, 'error', '') if status else type(error).__name__
    return f'{status} {kind}'.strip()[:200]
