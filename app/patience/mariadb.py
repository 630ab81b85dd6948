"""A connection of PyMySQL's with the patience that a page has.

The driver is all Python. What it did with a page's answers was half of the calls that the page took: so columns are
known again, and a row is taken apart here in one go, as the protocol has it (MariaDB: "Result set packets").
"""
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache, partial

import pymysql
from pymysql import converters
from pymysql.connections import TEXT_TYPES, Connection, MySQLResult
from pymysql.constants import CR, FIELD_TYPE
from pymysql.protocol import FieldDescriptorPacket, MysqlPacket

from app.patience import PING_SECONDS

NULL, WIDTHS = 251, {252: 2, 253: 3, 254: 8}  # in the place of a value's length, or before a length of so many bytes
BINARY = 63  # the character set of bytes
END, LONGEST_END = 0xfe, 8  # of an answer
ERROR = 0xff
WHOLE = 2 ** 24 - 1  # bytes of a packet that another one goes on
COLUMNS = 400  # of 0.5 kB; a page reads about a hundred
# How values are read: PyMySQL's regular expression for moments takes 20 times as long.
READING = converters.conversions | {FIELD_TYPE.DATETIME: datetime.fromisoformat}


@lru_cache(COLUMNS)
class Column(FieldDescriptorPacket):
    """What the server says of a column before the rows, of most the same as ever: for cursors, and for what reads its
    values."""

    def __init__(self, data, encoding):
        super().__init__(data, encoding)
        self.described = super().description()
        is_binary = self.type_code in TEXT_TYPES and self.charsetnr == BINARY and self.type_code != FIELD_TYPE.JSON
        self.reader = _reader(None if is_binary else encoding, READING.get(self.type_code))


class Result(MySQLResult):
    """The answer to a statement."""

    def _get_descriptions(self):
        """The same columns come back with every page, and to read what one is takes longer than its values."""
        read, encoding = self.connection.read_payload, self.connection.encoding
        self.fields = [Column(read(), encoding) for _column in range(self.field_count)]
        read()  # the end of the columns
        self.description = tuple([column.described for column in self.fields])
        self.converters = [column.reader for column in self.fields]

    def _read_rowdata_packet(self):
        rows, read = [], self.connection.read_payload
        while (data := read())[0] != END or len(data) > LONGEST_END:
            rows.append(self._row(data))
        self._check_packet_is_eof(MysqlPacket(data, self.connection.encoding))
        self.affected_rows, self.rows = len(rows), tuple(rows)

    def _row(self, data: bytes) -> tuple:
        row: list = []
        append, at = row.append, 0
        try:
            for read in self.converters:
                size = data[at]
                at += 1
                if size == NULL:
                    append(None)
                    continue
                if size > NULL:
                    width = WIDTHS[size]
                    size = int.from_bytes(data[at:at + width], 'little')
                    at += width
                end = at + size
                append(read(data[at:end]))
                at = end
        except IndexError:  # a row may end before its last column, as PyMySQL knows
            if at != len(data):
                raise
        return tuple(row)


@cache
def _reader(encoding: str | None, converter: Callable | None) -> Callable:
    """What makes a value of its bytes."""
    if encoding is None or converter is int:  # which reads digits as they are
        return converter or bytes
    if converter in (None, converters.through):
        return partial(str, encoding=encoding)
    return lambda value: converter(value.decode(encoding))


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
    _next_seq_id: int

    @property
    def _read_timeout(self):
        return self.patience

    @_read_timeout.setter
    def _read_timeout(self, seconds):
        """What PyMySQL sets from its options; ours is known by the statement."""

    def read_payload(self) -> bytes:
        """What the next packet of an answer has in it, without an object for each; its time-out is set already.

        An answer that is broken off, or out of order as of a server that stops, ends the connection.
        """
        parts = []
        size = WHOLE
        while size == WHOLE:
            header = self._read_bytes(4)
            if header[3] != self._next_seq_id:
                self._force_close()
                raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, 'Lost connection during an answer')
            self._next_seq_id = (header[3] + 1) % 256
            size = header[0] | header[1] << 8 | header[2] << 16
            parts.append(self._read_bytes(size))
        data = parts[0] if len(parts) == 1 else b''.join(parts)
        if data[0] == ERROR:
            MysqlPacket(data, self.encoding).raise_for_error()
        return data

    def _read_query_result(self, unbuffered=False):
        """Read an answer to its end: whoever wants it bit by bit has another connection.

        One that cannot be read, as a value that is none, ends the connection: its rest would be taken for the next.
        """
        self._result = None
        result, is_in_step = Result(self), False
        try:
            result.read()
            is_in_step = True
        except pymysql.err.MySQLError:  # what the server says; a lost connection is closed already
            is_in_step = True
            raise
        finally:
            if not is_in_step:
                self._force_close()
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
