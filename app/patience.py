"""How long we wait for a database server that says nothing: connections whose drivers give up in time.

A server that stands still (a frozen machine, a cut cable) keeps its connections open, and the drivers would wait for
ever. A check of an idle connection and a new one get two seconds each, so that a page says within five that it
cannot, and so it does when the server falls silent in the middle. `deadlines.py` is for one that is alive but slow.
A connection that is lost after the last statement of a page is no fault of that page.
"""
from functools import cache

BRIEF_SECONDS = 2
PAGE_SECONDS = 4.5
WORK_SECONDS = 300


def connect(module: str, arguments: list, options: dict):
    """Connect with patience; the module is that of the driver."""
    options = {**options, 'connect_timeout': BRIEF_SECONDS}
    return (_postgresql() if module == 'psycopg' else _mysql())(*arguments, **options)


@cache
def _postgresql():
    """psycopg's connection, loaded only where it is used."""
    import psycopg

    class Patient(psycopg.Connection):
        __module__ = psycopg.__name__  # by which others know a connection to PostgreSQL
        patience: float = BRIEF_SECONDS

        def wait(self, gen, interval=0.1, timeout=None):
            """Wait for the server; the check of an idle connection is known by its autocommit."""
            patience = BRIEF_SECONDS if self.autocommit else self.patience
            try:
                return super().wait(gen, interval=interval, timeout=timeout or patience)
            except psycopg.errors._WaitTimeout:
                self.pgconn.finish()  # whatever comes now belongs to nobody
                raise psycopg.OperationalError('the server does not answer') from None

        def rollback(self):
            """On a connection that is lost there is nothing to take back: the server has done so."""
            try:
                super().rollback()
            except psycopg.OperationalError:
                self.pgconn.finish()

    return Patient.connect


@cache
def _mysql():
    """PyMySQL's connection, loaded only where it is used."""
    import pymysql.connections

    class Patient(pymysql.connections.Connection):
        patience: float = BRIEF_SECONDS

        @property
        def _read_timeout(self):
            return self.patience

        @_read_timeout.setter
        def _read_timeout(self, seconds):
            """What PyMySQL sets from its options; ours is known by the statement."""

        def ping(self, reconnect=False):
            """Check an idle connection."""
            self.patience = BRIEF_SECONDS
            return super().ping(reconnect)

        def rollback(self):
            """On a connection that is lost there is nothing to take back: the server has done so."""
            try:
                super().rollback()
            except (pymysql.err.OperationalError, pymysql.err.InterfaceError):
                self._force_close()

    return Patient
