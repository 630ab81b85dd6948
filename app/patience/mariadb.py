"""A connection of PyMySQL's with the patience that a page has.

The driver is all Python. What it did with a page's answers was half of the calls that the page took: so columns are
known again, and a row is taken apart here in one go, as the protocol has it (MariaDB: "Result set packets").
"""
import re
from datetime import datetime
from functools import lru_cache

import pymysql
from pymysql import constants, converters
from pymysql.connections import Connection, MySQLResult
from pymysql.protocol import FieldDescriptorPacket, MysqlPacket

from app.patience import PING_SECONDS

COLUMNS = 400  # of 0.5 kB; a page reads about a hundred
# How values are read: PyMySQL's regular expression for moments takes 20 times as long.
READING = converters.conversions | {constants.FIELD_TYPE.DATETIME: datetime.fromisoformat}


@lru_cache(COLUMNS)
class Column(FieldDescriptorPacket):
    """What the server says of a column before the rows: of most the same as ever."""

    def __init__(self, data, encoding):
        super().__init__(data, encoding)
        self.described = super().description()

    def description(self):
        """What a cursor says of it."""
        return self.described


NULL, WIDTHS = 251, {252: 2, 253: 3, 254: 8}  # in the place of a value's length, or before a length of so many bytes


class Result(MySQLResult):
    """The answer to a statement."""

    def _read_row_from_packet(self, packet):
        row: list = []
        data, at = packet.get_all_data(), 0
        for encoding, converter in self.converters:
            try:
                size = data[at]
            except IndexError:  # a row may end before its last column, as PyMySQL knows
                break
            at += 1
            if size == NULL:
                row.append(None)
                continue
            if size > NULL:
                width = WIDTHS[size]
                size = int.from_bytes(data[at:at + width], 'little')
                at += width
            value = data[at:at + size]
            at += size
            if converter is not int and encoding is not None:  # digits may stay bytes
                value = value.decode(encoding)
            row.append(value if converter is None else converter(value))
        return tuple(row)


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


class Patient(Sharing, Connection):
    """Begins a transaction with what writes, and waits no longer than it is told."""

    patience = page_patience = PING_SECONDS
    needs_transaction = has_transaction = False

    @property
    def _read_timeout(self):
        return self.patience

    @_read_timeout.setter
    def _read_timeout(self, seconds):
        """What PyMySQL sets from its options; ours is known by the statement."""

    def _read_packet(self, packet_type=MysqlPacket):
        """The same columns come back with every page, and to read what one is takes longer than its values."""
        return super()._read_packet(Column if packet_type is FieldDescriptorPacket else packet_type)

    def _read_query_result(self, unbuffered=False):
        """Read an answer to its end: whoever wants it bit by bit has another connection."""
        self._result = None
        result = Result(self)
        result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows

    def ping(self, reconnect=False):
        """Check an idle connection."""
        self.patience = min(PING_SECONDS, self.page_patience)
        return super().ping(reconnect)

    def autocommit(self, value):
        """Whether what writes is to begin no transaction either; the server always commits what is in none."""
        self.autocommit_mode = value
        if not self.get_autocommit():
            super().autocommit(True)

    def query(self, sql, unbuffered=False):
        """Run a statement; a refusal does not repeat what people typed, which is for no log."""
        if self.needs_transaction and not self.has_transaction and not self.autocommit_mode:
            super().query('BEGIN')
            self.has_transaction = True
        try:
            return super().query(sql, unbuffered)
        except pymysql.err.IntegrityError as error:
            error.args = error.args[0], re.sub("'.*' for", 'for', str(error.args[1]), flags=re.DOTALL)
            raise

    def commit(self):
        """Keep what was written."""
        if self.has_transaction:
            super().commit()
        self.needs_transaction = self.has_transaction = False

    def rollback(self):
        """Take back what was written. On a connection that is lost there is nothing to: the server has done so."""
        self._result = None  # the rows of the last statement, which would wait here for the next one
        try:
            if self.has_transaction:
                super().rollback()
        except (pymysql.err.OperationalError, pymysql.err.InterfaceError):
            self._force_close()
        self.needs_transaction = self.has_transaction = False


def connect(*arguments, **options) -> Patient:
    """What `pymysql.connect` makes, with patience."""
    return Patient(*arguments, conv=READING, **options)
