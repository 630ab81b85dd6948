"""A connection of psycopg's with the patience that a page has."""
import psycopg
from psycopg import _queries

from app.patience import PING_SECONDS

# Up to this length psycopg keeps a statement as the server gets it: a page's longest would be taken apart anew each
# time, and each connection would keep a copy of its own.
_queries.MAX_CACHED_STATEMENT_LENGTH = 16_384  # bytes


class Patient(psycopg.Connection):
    """Begins a transaction with what writes, and waits no longer than it is told."""

    __module__ = psycopg.__name__  # by which others know a connection to PostgreSQL
    patience = page_patience = ping_patience = PING_SECONDS
    needs_transaction = False

    def wait(self, gen, interval=0.1, timeout=None):
        """Wait for the server; the check of an idle connection is known by its autocommit."""
        patience = min(self.ping_patience, self.page_patience) if self.autocommit else self.patience
        try:
            return super().wait(gen, interval=interval, timeout=timeout or patience)
        except psycopg.errors._WaitTimeout:
            self.close()  # whatever comes now belongs to nobody
            raise psycopg.OperationalError('the server does not answer') from None
        except psycopg.IntegrityError as error:
            error.args = (error.diag.message_primary,)  # its details repeat the row, which is for no log
            raise

    def _start_query(self):
        if self.needs_transaction:
            yield from super()._start_query()

    def commit(self):
        """Keep what was written."""
        super().commit()
        self.needs_transaction = False

    def rollback(self):
        """Take back what was written. On a connection that is lost there is nothing to: the server has done so."""
        self.needs_transaction = False
        try:
            super().rollback()
        except psycopg.OperationalError:
            self.close()


connect = Patient.connect
