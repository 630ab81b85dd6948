"""How long we wait for a database server that says nothing: connections whose drivers give up in time.

A server that stands still (a frozen machine, a cut cable) keeps its connections open, and the drivers would wait for
ever. A check of an idle connection and a new one get two seconds at most, so that a page says within five that it
cannot, and so it does when the server falls silent in the middle. `deadlines.py` is for one that is alive but slow.
A connection that is lost after the last statement of a page is no fault of that page, and what a server says of a row
that it refuses is told without the row.
"""
import re
from datetime import datetime
from functools import cache, lru_cache

PING_SECONDS = 1.5
CONNECT_SECONDS = 2  # libpq knows no less
PAGE_SECONDS = 4.5
WORK_SECONDS = 300
COLUMNS = 400  # of 0.5 kB; a page reads about a hundred


def connect(driver: str, arguments: list, options: dict):
    """Connect by a driver of ours; the option `patience` is how long an answer to a page may take."""
    options = dict(options)
    seconds = options.pop('patience')
    options['connect_timeout'] = min(options['connect_timeout'], CONNECT_SECONDS)
    if driver != 'psycopg':
        options['conv'] = _reading()
    connection = (_postgresql() if driver == 'psycopg' else _mysql())(*arguments, **options)
    connection.page_patience = seconds
    return connection


@cache
def _postgresql():
    """psycopg's connection, loaded only where it is used."""
    import psycopg

    class Patient(psycopg.Connection):
        __module__ = psycopg.__name__  # by which others know a connection to PostgreSQL
        patience = page_patience = PING_SECONDS
        has_written = True  # unless all statements were known to read: `database.py` notes it

        def wait(self, gen, interval=0.1, timeout=None):
            """Wait for the server; the check of an idle connection is known by its autocommit."""
            patience = min(PING_SECONDS, self.page_patience) if self.autocommit else self.patience
            try:
                return super().wait(gen, interval=interval, timeout=timeout or patience)
            except psycopg.errors._WaitTimeout:
                self.close()  # whatever comes now belongs to nobody
                raise psycopg.OperationalError('the server does not answer') from None
            except psycopg.IntegrityError as error:
                error.args = (error.diag.message_primary,)  # its details repeat the row, which is for no log
                raise

        def commit(self):
            """Keep what was written."""
            super().commit()
            self.has_written = False

        def rollback(self):
            """Take back what was written. Where nothing was, COMMIT ends the transaction alike, and at each ROLLBACK
            psycopg forgets what is prepared: to plan a page takes the server four times as long as to read it.

            On a connection that is lost there is nothing to take back: the server has done so.
            """
            is_clean = not self.has_written and self.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
            end, self.has_written = super().commit if is_clean else super().rollback, False
            try:
                end()
            except psycopg.OperationalError:
                self.close()

    return Patient.connect


class Sharing:
    """What all connections of PyMySQL have in common."""

    plain = None  # encryption as far as the server offers it

    def _create_ssl_ctx(self, sslp):
        """One for all, since each reads all authorities of the system and holds 0.8 MB; but what an address says is
        read each time: its files may change."""
        if sslp:
            return super()._create_ssl_ctx(sslp)  # type: ignore[misc]
        Sharing.plain = Sharing.plain or super()._create_ssl_ctx(sslp)  # type: ignore[misc]
        return Sharing.plain


@cache
def _reading() -> dict:
    """How values of PyMySQL's are read: its regular expression for moments takes 20 times as long."""
    from pymysql import constants, converters

    return converters.conversions | {constants.FIELD_TYPE.DATETIME: datetime.fromisoformat}


@cache
def _mysql():
    """PyMySQL's connection, loaded only where it is used."""
    import pymysql.connections
    from pymysql.protocol import FieldDescriptorPacket, MysqlPacket

    column = lru_cache(COLUMNS)(FieldDescriptorPacket)

    class Patient(Sharing, pymysql.connections.Connection):
        patience = page_patience = PING_SECONDS

        @property
        def _read_timeout(self):
            return self.patience

        @_read_timeout.setter
        def _read_timeout(self, seconds):
            """What PyMySQL sets from its options; ours is known by the statement."""

        def _read_packet(self, packet_type=MysqlPacket):
            """The same columns come back with every page, and to read what one is takes longer than its values."""
            return super()._read_packet(column if packet_type is FieldDescriptorPacket else packet_type)

        def ping(self, reconnect=False):
            """Check an idle connection."""
            self.patience = min(PING_SECONDS, self.page_patience)
            return super().ping(reconnect)

        def query(self, sql, unbuffered=False):
            """Run a statement; a refusal does not repeat what people typed, which is for no log."""
            try:
                return super().query(sql, unbuffered)
            except pymysql.err.IntegrityError as error:
                error.args = error.args[0], re.sub("'.*' for", 'for', str(error.args[1]), flags=re.DOTALL)
                raise

        def rollback(self):
            """On a connection that is lost there is nothing to take back: the server has done so."""
            self._result = None  # the rows of the last statement, which would wait here for the next one
            try:
                super().rollback()
            except (pymysql.err.OperationalError, pymysql.err.InterfaceError):
                self._force_close()

    return Patient
