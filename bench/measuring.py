"""One measurement: a closed loop on one page, and what it took of the processors and of memory."""
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass

from bench import clients
from bench.backends import Backends, spent
from bench.clients import Browser, Load
from bench.plan import Reader
from bench.servers import Server
from bench.visits import Visit

WARM_UP = 1.0  # seconds that are not counted: caches, prepared statements, connections


@dataclass(frozen=True)
class Result:
    """A line of the table. CPU in milliseconds a request, None where it cannot be seen; memory in MB."""

    database: str
    size: str
    page: str
    reader: str
    number: int
    posts: int
    kilobytes: float
    connections: int
    rate: float
    p50: float
    p99: float
    errors: int
    app_cpu: float
    database_cpu: float | None
    rss: float
    pss: float

    def as_dict(self) -> dict:
        """The same for a line of JSON, rounded."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


def visit(server: Server, backends: Backends, visit: Visit, browser: Browser, connections: int,
          seconds: float) -> Result:
    """Open a page as often as that goes; RuntimeError when it is not the page it should be."""
    status, text, _cookie = server.get(visit.path, browser.cookie)
    if status != visit.status:
        raise RuntimeError(f'{visit.path} answers {status} to {visit.reader_name}')
    posts = len(re.findall('<article ', text))

    def go(seconds: float) -> Load:
        return clients.read(server.address + visit.path, browser, connections, seconds)
    named = (visit.page, visit.reader_name, visit.number, posts, len(text.encode()) / 1000)
    return _measured(server, backends, named, connections, seconds, go)


def writing(server: Server, backends: Backends, readers: list[Reader], connections: int, seconds: float,
            what: str, text: str) -> Result:
    """Let people write posts that end with a text as fast as that goes."""
    browsers = [server.browser(reader) for reader in readers]

    def go(seconds: float) -> Load:
        return clients.write(f'{server.address}/', browsers, connections, seconds, text)
    return _measured(server, backends, (what, f'{len(readers)} people', 1, 1, 0.0), connections, seconds, go)


def ceiling(server: Server, backends: Backends, path: str, cookie: str, connections: int, seconds: float) -> Result:
    """Open a page of the ceilings' application."""
    text = server.get(path, cookie)[1]

    def go(seconds: float) -> Load:
        return clients.read(server.address + path, Browser(cookie), connections, seconds)
    named = (f'ceiling {path}', 'cookie' if cookie else '-', 1, len(re.findall('<article ', text)),
             len(text.encode()) / 1000)
    return _measured(server, backends, named, connections, seconds, go)


def _measured(server: Server, backends: Backends, named: tuple[str, str, int, int, float], connections: int,
              seconds: float, go: Callable[[float], Load]) -> Result:
    go(min(WARM_UP, seconds))
    app, database = server.cpu(), backends.look()
    load = go(seconds)
    requests = max(load.requests, 1)
    app_cpu = (server.cpu() - app) * 1000 / requests
    taken = spent(database, backends.look())
    memory = server.memory()
    store = backends.store
    return Result(store.kind, store.plan.name, *named, connections, load.rate, load.p50, load.p99, load.errors,
                  app_cpu, None if taken is None else taken * 1000 / requests, memory.rss, memory.pss)
