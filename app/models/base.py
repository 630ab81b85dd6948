"""The base class of every model, and what several of them need."""
from typing import TYPE_CHECKING

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


def rows_changed(statement: sa.Update | sa.Delete | sa.Insert) -> int:
    """Run a statement without touching objects that are loaded, and tell how many rows it changed."""
    return db.session.execute(statement, execution_options={'synchronize_session': False}).rowcount  # type: ignore[attr-defined]
