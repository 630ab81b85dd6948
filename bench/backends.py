"""The CPU time that a database server takes for one database, however many others it serves."""
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


class Backends:
    """The connections to a data set; SQLite works inside of the application, and a server elsewhere is not seen."""

    def __init__(self, store: Store):
        self.store = store
        self.server = None
        if store.kind in PORTS and store.url.host in LOCAL:
            self.server = processes.listener(store.url.port or PORTS[store.kind])

    def cpu(self) -> dict[int, float] | None:
        """Seconds of CPU by connection; None when nobody can tell."""
        if self.server is None:
            return None
        with self.store.engine().connect() as connection:
            ids = connection.scalars(sa.text(CONNECTIONS[self.store.kind])).all()
        if self.store.kind == 'postgresql':
            return {id: processes.cpu_of(id) for id in ids}
        return {id: processes.cpu_of(self.server, id) for id in ids}


def spent(before: dict[int, float] | None, after: dict[int, float] | None) -> float | None:
    """Seconds between two looks; a connection that ended meanwhile is not counted."""
    if before is None or after is None:
        return None
    return sum(seconds - before.get(id, 0.0) for id, seconds in after.items())
