"""The base class of every model, and what several of them need."""
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.extensions import db

if TYPE_CHECKING:
    from flask_sqlalchemy.model import Model
    from sqlalchemy.orm import DeclarativeBase

    class Base(Model, DeclarativeBase):
        """What a type checker is to know of `db.Model`."""
else:
    Base = db.Model


def add_once(row) -> bool:
    """Add a row unless its key is there already; True when it was added. The key decides, not a look beforehand."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def insert_once(model, **values) -> bool:
    """Insert a row unless its key is there already, in one statement; True when it was inserted.

    Who comes second waits for the first to commit. Every column that has no default must be told.
    """
    statement = _insert_once(model.__table__, db.session.get_bind().dialect.name)
    done = db.session.execute(statement, values, execution_options={'preserve_rowcount': True})
    return done.rowcount > 0  # type: ignore[attr-defined]


def insert_all(model, rows: list[dict]) -> None:
    """Insert rows, in one statement, which no other act inserts; to make objects of them takes twice as long."""
    if rows:
        db.session.execute(_insert(model.__table__), rows)


def insert_all_once(table: Any, rows: list[dict]) -> None:
    """Insert those of these rows whose keys are not there yet; two acts that do the same must sort them alike."""
    if rows:
        db.session.execute(_insert_once(table, db.session.get_bind().dialect.name), rows)


@cache
def _insert(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


@cache
def _insert_once(table: sa.Table, dialect: str) -> sa.Insert:
    """Built once: to build it takes longer than to run it."""
    if dialect == 'postgresql':
        from sqlalchemy.dialects import postgresql  # here, because the others' workers do without its 2 MB
        return postgresql.insert(table).on_conflict_do_nothing()
    return sa.insert(table).prefix_with('OR IGNORE', dialect='sqlite').prefix_with('IGNORE', dialect='mysql')


def rows_changed(statement: sa.Update | sa.Delete | sa.Insert) -> int:
    """Run a statement without touching objects that are loaded, and tell how many rows it changed."""
    return db.session.execute(statement, execution_options={'synchronize_session': False}).rowcount  # type: ignore[attr-defined]
