"""Where data sets are kept between runs, and each database's own fast way in."""
import os
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

import config
from bench.plan import Plan
from bench.rows import Rows

ESCAPES = str.maketrans({'\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r'})
BATCH = 1000


class Store:
    """The database of one data set; `database` is `sqlite` or the address of a server without a name at its end."""

    kind = ''

    def __init__(self, plan: Plan, database: str, folder: Path):
        self.plan, self.folder = plan, folder
        self.server = make_url(config.rewrite(database))
        self.name = f'microblog_bench_{plan.name}'.lower()

    @property
    def url(self) -> URL:
        return self.server.set(database=self.name)

    @property
    def address(self) -> str:
        """The address, as DATABASE_URL has it."""
        return self.url.render_as_string(hide_password=False)

    @property
    def cursors(self) -> Path:
        """Where `cursors.py` keeps what it found in this data set."""
        return self.folder / f'{self.plan.name}-{self.kind}-cursors.json'

    def engine(self, **options) -> sa.Engine:
        """Connections of our own."""
        return sa.create_engine(self.url, poolclass=sa.NullPool, **options)

    def exists(self) -> bool:
        """True when the database is there, whole or not."""
        raise NotImplementedError

    def create(self) -> None:
        """Make it, empty."""
        raise NotImplementedError

    def drop(self) -> None:
        """Remove it, if it is there, and the cursors that lead into it."""
        self.cursors.unlink(missing_ok=True)

    def load(self, table: str, columns: list[str], blocks: Iterable[Rows]) -> None:
        """Fill an empty table."""
        raise NotImplementedError

    def analyze(self) -> None:
        """Let the planner count."""
        with self.engine(isolation_level='AUTOCOMMIT').connect() as connection:
            connection.exec_driver_sql('ANALYZE')


class SQLite(Store):
    """A file."""

    kind = 'sqlite'

    def __init__(self, plan: Plan, database: str, folder: Path):
        super().__init__(plan, 'sqlite://', folder)
        self.name = str(folder / f'{plan.name}.db')

    def exists(self) -> bool:
        return Path(self.name).exists()

    def create(self) -> None:
        self.drop()

    def drop(self) -> None:
        super().drop()
        for ending in ('', '-wal', '-shm', '-journal'):
            Path(self.name + ending).unlink(missing_ok=True)

    def load(self, table: str, columns: list[str], blocks: Iterable[Rows]) -> None:
        with closing(sqlite3.connect(self.name, isolation_level=None)) as file:
            for pragma in ('journal_mode=OFF', 'synchronous=OFF', 'foreign_keys=OFF', 'cache_size=-400000'):
                file.execute(f'PRAGMA {pragma}')
            indexes = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
                                   'AND tbl_name = ?', [table]).fetchall()
            file.execute('BEGIN')
            for name, _ in indexes:
                file.execute(f'DROP INDEX {name}')
            insert = f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({", ".join("?" * len(columns))})'
            for rows in blocks:
                file.executemany(insert, rows)
            for _, statement in indexes:
                file.execute(statement)
            file.execute('COMMIT')
            file.execute('PRAGMA journal_mode=WAL')


class Server(Store):
    """A database on a server."""

    home = ''  # a database that is always there

    def exists(self) -> bool:
        with suppress(sa.exc.OperationalError), self.engine().connect():
            return True
        return False

    def create(self) -> None:
        self.drop()
        self._at_home(f'CREATE DATABASE {self.name}')

    def drop(self) -> None:
        super().drop()
        self._at_home(f'DROP DATABASE IF EXISTS {self.name}')

    def _at_home(self, statement: str) -> None:
        home = sa.create_engine(self.server.set(database=self.home), isolation_level='AUTOCOMMIT',
                                poolclass=sa.NullPool)
        with home.connect() as connection:
            connection.exec_driver_sql(statement)


class PostgreSQL(Server):
    """A database on a PostgreSQL server."""

    kind = 'postgresql'
    home = 'postgres'

    def load(self, table: str, columns: list[str], blocks: Iterable[Rows]) -> None:
        with self.engine().connect() as connection:
            raw: Any = connection.connection.driver_connection
            indexes = raw.execute('SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index '
                                  'WHERE indrelid = %s::regclass AND NOT indisunique', [f'"{table}"']).fetchall()
            raw.execute("SET maintenance_work_mem = '512MB'; SET timezone = 'UTC'")
            for name, _ in indexes:
                raw.execute(f'DROP INDEX {name}')
            with raw.cursor().copy(f'COPY "{table}" ({", ".join(columns)}) FROM STDIN') as copy:
                for rows in blocks:
                    copy.write(encoded(rows))
            for _, statement in indexes:
                raw.execute(statement)
            if columns[0] == 'id':  # the next one; of posts there is no sequence, and nothing happens
                raw.execute(f"""SELECT setval(pg_get_serial_sequence('"{table}"', 'id'), max(id)) FROM "{table}" """)
            raw.commit()


class MariaDB(Server):
    """A database on a MariaDB or MySQL server; in large inserts where it takes no file from us."""

    kind = 'mysql'
    home = 'mysql'

    def create(self) -> None:
        self.drop()
        self._at_home(f'CREATE DATABASE {self.name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin')

    def load(self, table: str, columns: list[str], blocks: Iterable[Rows]) -> None:
        options = {'local_infile': True, 'charset': 'utf8mb4'}
        with self.engine(connect_args=options).connect() as connection:
            raw: Any = connection.connection.driver_connection
            cursor = raw.cursor()
            cursor.execute('SET unique_checks=0, foreign_key_checks=0')
            cursor.execute('SELECT @@local_infile')
            write = _write_file if cursor.fetchone()[0] else _write_rows
            for rows in blocks:
                write(cursor, table, columns, rows)
                raw.commit()

    def analyze(self) -> None:
        with self.engine().connect() as connection:
            connection.exec_driver_sql('ANALYZE TABLE user, followers, post, post_tag, post_like, mention, '
                                       'notification, user_session')


def _write_file(cursor, table: str, columns: list[str], rows: Rows) -> None:
    handle, path = tempfile.mkstemp()
    try:
        with open(handle, 'w', encoding='utf-8', newline='') as file:
            file.write(encoded(rows))
        cursor.execute(f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE `{table}` CHARACTER SET utf8mb4 "
                       f'({_quoted(columns)})')
    finally:
        os.unlink(path)


def _quoted(columns: list[str]) -> str:
    """`key` is a word of theirs."""
    return ', '.join(f'`{column}`' for column in columns)


def _write_rows(cursor, table: str, columns: list[str], rows: Rows) -> None:
    insert = f'INSERT INTO `{table}` ({_quoted(columns)}) VALUES ({", ".join(["%s"] * len(columns))})'
    for start in range(0, len(rows), BATCH):
        cursor.executemany(insert, rows[start:start + BATCH])


def encoded(rows: Rows) -> str:
    """Rows as COPY and LOAD DATA read them."""
    return ''.join('\t'.join([_field(value) for value in row]) + '\n' for row in rows)


def _field(value) -> str:
    if value is None:
        return '\\N'
    return value.translate(ESCAPES) if isinstance(value, str) else str(value)


def store(plan: Plan, database: str, folder: Path) -> Store:
    """The place of a data set on this kind of database."""
    kind = make_url(config.rewrite(database + '://' if '://' not in database else database)).get_backend_name()
    return {'sqlite': SQLite, 'postgresql': PostgreSQL, 'mysql': MariaDB}[kind](plan, database, folder)
