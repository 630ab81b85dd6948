"""The CPU time that a database server takes for one database, however many others it serves."""
from dataclasses import dataclass

import sqlalchemy as sa

from bench import processes
from bench.stores import Store

PORTS = {'postgresql': 5432, 'mysql': 3306}
LOCAL = (None, '', 'localhost', '127.0.0.1', '::1')
# PostgreSQL has a process for each connection, MariaDB a thread.
CONNECTIONS = {
    'postgresql': 'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    'mysql': 'SELECT tid FROM information_schema.processlist WHERE db = database() AND id <> connection_id()',
}


@dataclass(frozen=True)
class Look:
    """The connections to a data set, and the seconds of CPU of all connections of its server.

    Of all, since MariaDB gives a new connection the thread of one that has ended, with its past.
    """

    ids: set[int]
    cpu: dict[int, float]


class Backends:
    """The connections to a data set; SQLite works inside of the application, and a server elsewhere is not seen."""

    def __init__(self, store: Store):
        self.store = store
        self.server = None
        if store.kind in PORTS and store.url.host in LOCAL:
            self.server = processes.listener(store.url.port or PORTS[store.kind])

    def look(self) -> Look | None:
        """What has been taken until now; None when nobody can tell."""
        if self.server is None:
            return None
        with self.store.engine().connect() as connection:
            ids = set(connection.scalars(sa.text(CONNECTIONS[self.store.kind])).all())
        if self.store.kind == 'postgresql':
            return Look(ids, {id: processes.cpu_of(id) for id in processes.children(self.server)})
        return Look(ids, {id: processes.cpu_of(self.server, id) for id in processes.threads(self.server)})


def spent(before: Look | None, after: Look | None) -> float | None:
    """Seconds between two looks; a connection that ended meanwhile is not counted."""
    if before is None or after is None:
        return None
    return sum(after.cpu.get(id, 0.0) - before.cpu.get(id, 0.0) for id in after.ids)
