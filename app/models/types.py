"""Column types that mean the same on SQLite, PostgreSQL and MariaDB."""
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

# A BIGINT key would not be SQLite's rowid, so there it is an INTEGER, which has 64 bits as well.
BigKey = sa.BigInteger().with_variant(sa.Integer, 'sqlite')


def key_string(length: int) -> sa.String:
    """Text that is compared and sorted by its code points on every database, so that a prefix is a range."""
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def utcnow() -> datetime:
    """Now, as an aware UTC datetime with microseconds."""
    return datetime.now(UTC)


class UTCDateTime(TypeDecorator):
    """An aware UTC datetime with microseconds: SQLite would return naive ones, MariaDB drop the fraction."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == 'mysql':
            from sqlalchemy.dialects import mysql  # here, because the others' workers do without its 2 MB
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == 'postgresql'))

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:  # the tutorial's shell examples pass naive UTC
            value = value.replace(tzinfo=UTC)
        value = value.astimezone(UTC)
        return value if dialect.name == 'postgresql' else value.replace(tzinfo=None)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class LargeBytes(TypeDecorator):
    """Bytes up to 16 MB, which MariaDB's plain BLOB would cut at 64 kB."""

    impl = sa.LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == 'mysql':
            from sqlalchemy.dialects import mysql
            return dialect.type_descriptor(mysql.MEDIUMBLOB())
        return dialect.type_descriptor(sa.LargeBinary())


class JSONText(TypeDecorator):
    """A JSON value kept as text, since MariaDB has no JSON type that a migration could recognise."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == 'mysql':
            from sqlalchemy.dialects import mysql
            return dialect.type_descriptor(mysql.MEDIUMTEXT())
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value, dialect):
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(',', ':'))

    def process_result_value(self, value, dialect):
        return None if value is None else json.loads(value)
