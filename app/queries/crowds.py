"""Pages of people out of a table that says who did something and when, the newest first; any page costs the same."""
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import MAX_ID, User
from app.models.ids import EPOCH
from app.policies.visibility import is_shown, is_site_open_to
from app.queries.statements import number

MICROSECOND = timedelta(microseconds=1)


class Rows(NamedTuple):
    """The columns of such a table: what its rows are about, who did it, and when.

    `condition` says who is listed, unless it is everybody whom the viewer may know of; `is_read` which rows are.
    """

    about: Any
    person: Any
    when: Any
    condition: sa.ColumnElement[bool] | None = None
    is_read: sa.ColumnElement[bool] = sa.true()


def page(viewer: User | None, rows: Rows, id: int, before: str | None, after: str | None, count: int):
    """Who did it to what has this id: (people, newer, older), the last two as cursors or None."""
    if not is_site_open_to(viewer):
        return [], None, None
    found = _shown(viewer, rows).where(rows.about == id, rows.is_read)
    return walk(found, rows.when, rows.person, before, after, count)


def walk(statement: sa.Select, when, other, before: str | None, after: str | None, count: int):
    """A page of a list of (what, when, other), the newest first: (what is on it, newer, older)."""
    cursor = read_cursor(after if after is not None else before)
    upwards = after is not None and cursor is not None
    wanted = statement if cursor is None else statement.where(*_beyond(when, other, *cursor, upwards))
    order = (when.asc(), other.asc()) if upwards else (when.desc(), other.desc())
    found = [tuple(row) for row in db.session.execute(wanted.order_by(*order).limit(count + 1)).all()]
    more, found = len(found) > count, found[:count]
    if upwards:
        found.reverse()
    if (upwards and not more) or (cursor is not None and not found):  # near the top, or beyond the end
        return walk(statement, when, other, None, None, count)
    newer = _cursor(*found[0][1:]) if found and (more if upwards else cursor is not None) else None
    older = _cursor(*found[-1][1:]) if found and (upwards or more) else None
    return [row[0] for row in found], newer, older


def _beyond(when, other, moment: datetime, id: int, upwards: bool) -> tuple:
    """The rows on one side of a cursor; the first condition lets every database begin in the index."""
    if upwards:
        return when >= moment, sa.or_(when > moment, other > id)
    return when <= moment, sa.or_(when < moment, other < id)


def _cursor(moment: datetime, id: int) -> str:
    return f'{(moment - EPOCH) // MICROSECOND}-{id}'


def read_cursor(text: str | None) -> tuple[datetime, int] | None:
    """Moment and id of a cursor; None for what is none."""
    micros, _dash, id = (text or '').partition('-')
    if not (micros.isascii() and micros.isdigit() and id.isascii() and id.isdigit()):
        return None
    if len(micros) > 16 or len(id) > 19:
        return None
    return EPOCH + int(micros) * MICROSECOND, min(int(id), MAX_ID)


def _shown(viewer: User | None, rows: Rows) -> sa.Select:
    """The rows with the person in one column of them, without people who are not to be listed."""
    table = rows.person.table
    is_here = sa.and_(User.id == rows.person, is_shown(viewer) if rows.condition is None else rows.condition)
    if db.session.get_bind().dialect.name != 'postgresql':
        found = sa.select(User, rows.when, rows.person).select_from(sa.join(table, User, is_here))
        return found.prefix_with('STRAIGHT_JOIN', dialect='mysql')  # else all people, when a crowd is most of them
    person = sa.select(User).where(is_here).limit(number(1)).correlate(table).lateral('person')  # no scan of people
    return sa.select(so.aliased(User, person), rows.when, rows.person).select_from(table.join(person, sa.true()))
