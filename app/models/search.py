"""What the search in the database keeps: the tokens of each post, who is not to be found, and how far filling is.

`post_search` has an index of a kind that each database has for itself. It is made with the table, here for
`create_all()` and by the migration else: FTS5 with triggers (an SQLite without FTS5 keeps the table only), GIN over a
tsvector, FULLTEXT.
"""
import re
from collections.abc import Iterable

import sqlalchemy as sa
import sqlalchemy.orm as so
from sqlalchemy.types import TypeDecorator

from app.extensions import db
from app.models.base import Base
from app.models.types import BigKey, key_string

FTS5 = (
    "CREATE VIRTUAL TABLE post_search_index USING fts5(words, content='post_search', content_rowid='post_id', "
    """prefix='1 2 3', tokenize="ascii tokenchars '_'")""",
    'CREATE TRIGGER post_search_added AFTER INSERT ON post_search BEGIN '
    'INSERT INTO post_search_index(rowid, words) VALUES (new.post_id, new.words); END',
    'CREATE TRIGGER post_search_deleted AFTER DELETE ON post_search BEGIN INSERT INTO '
    "post_search_index(post_search_index, rowid, words) VALUES ('delete', old.post_id, old.words); END",
    'CREATE TRIGGER post_search_changed AFTER UPDATE ON post_search BEGIN INSERT INTO '
    "post_search_index(post_search_index, rowid, words) VALUES ('delete', old.post_id, old.words); "
    'INSERT INTO post_search_index(rowid, words) VALUES (new.post_id, new.words); END',
)
INDEX = {
    'sqlite': FTS5,
    'postgresql': ('CREATE INDEX ix_post_search_words ON post_search USING gin (words)',),
    'mysql': ('CREATE FULLTEXT INDEX ix_post_search_words ON post_search (words)',),
}
LONGEST_WORD = 84  # InnoDB leaves out longer ones
_FOREIGN = re.compile('[^0-9a-z_]')


class Tokens(TypeDecorator):
    """The tokens of a post, a list, as this database's index reads them; read as they are `stored`."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == 'postgresql':
            from sqlalchemy.dialects import postgresql
            return dialect.type_descriptor(postgresql.TSVECTOR())
        if dialect.name == 'mysql':
            from sqlalchemy.dialects import mysql
            return dialect.type_descriptor(mysql.MEDIUMTEXT(charset='ascii', collation='ascii_bin'))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value, dialect):
        return stored(value, dialect)


def stored(tokens: Iterable[str], dialect: sa.Dialect) -> str:
    """What stands in the table for these tokens."""
    if dialect.name == 'postgresql':
        return tsvector(tokens)
    if dialect.name == 'mysql':
        tokens = map(mariadb_word, tokens)
    return f' {" ".join(tokens)} '


def tsvector(tokens: Iterable[str]) -> str:
    """Tokens with their places as PostgreSQL writes a tsvector; none has a sign that would have to be escaped."""
    places: dict[str, list[str]] = {}
    for place, token in enumerate(tokens, 1):
        places.setdefault(token, []).append(str(place))
    return ' '.join(f"'{token}':{','.join(found)}" for token, found in sorted(places.items()))


def mariadb_word(token: str) -> str:
    """A token as InnoDB's FULLTEXT takes it whatever its settings: never short, no stop word, and in ASCII.

    The beginning of a token is the beginning of its word. Of words in other scripts 16 letters count.
    """
    return ('zz' + (token if token.isascii() else _FOREIGN.sub(_spelled, token)))[:LONGEST_WORD]


def _spelled(letter: re.Match) -> str:
    code = ord(letter[0])
    return f'_{code:04x}' if code < 0x10000 else f'_z{code:06x}'


post_search = sa.Table(
    'post_search', db.metadata,
    sa.Column('post_id', BigKey, sa.ForeignKey('post.id', ondelete='CASCADE'), primary_key=True, autoincrement=False),
    sa.Column('words', Tokens, nullable=False),
)


class HiddenFromSearch(Base):
    """That somebody's posts are not to be found by search."""

    __tablename__ = 'hidden_from_search'

    user_id: so.Mapped[int] = so.mapped_column(
        BigKey, sa.ForeignKey('user.id', ondelete='CASCADE'), primary_key=True, autoincrement=False)


class SearchProgress(Base):
    """How far a walk over all posts has come that fills or renews an index: down to this id."""

    __tablename__ = 'search_progress'

    name: so.Mapped[str] = so.mapped_column(key_string(40), primary_key=True)
    position: so.Mapped[int] = so.mapped_column(BigKey)


def has_fts5(connection: sa.Connection) -> bool:
    """True when this SQLite was built with FTS5, which some are not."""
    return bool(connection.exec_driver_sql("SELECT sqlite_compileoption_used('ENABLE_FTS5')").scalar())


@sa.event.listens_for(post_search, 'after_create')
def _create_index(table, connection, **options) -> None:
    """The index of the database at hand; as `sa.Index` it would load the dialects of the others."""
    if connection.dialect.name != 'sqlite' or has_fts5(connection):
        for statement in INDEX[connection.dialect.name]:
            connection.exec_driver_sql(statement)


@sa.event.listens_for(post_search, 'before_drop')
def _drop_index(table, connection, **options) -> None:
    if connection.dialect.name == 'sqlite':
        connection.exec_driver_sql('DROP TABLE IF EXISTS post_search_index')
