"""The site's name, rules and banner as this process last read them: a page has them without asking.

A process that is busy looks again after an answer, when its copy is a few seconds old; one that had rested looks
before it shows anything. So a change is seen everywhere within `STALE_SECONDS`.
"""
import time
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import DBAPIError

from app.database import is_unavailable
from app.extensions import db
from app.models import SITE_NAME, SiteWords

FRESH_SECONDS, STALE_SECONDS = 3, 8


class Words(NamedTuple):
    """What the site is called; what it asks of people, and tells them; '' when it does not."""

    name: str = SITE_NAME
    rules: str = ''
    banner: str = ''


def current() -> Words:
    """The copy of this process."""
    return _kept()[1]


def is_older_than(seconds: float) -> bool:
    """True when the copy was read longer ago, or never."""
    return time.monotonic() - _kept()[0] > seconds


def read() -> None:
    """Read them again, in whatever transaction is open."""
    current_app.extensions['words'] = time.monotonic(), current()  # the next look is later even if this one fails
    found = sa.select(SiteWords.name, SiteWords.rules, SiteWords.banner).where(SiteWords.id == 1)
    row = db.session.execute(found).one_or_none()
    current_app.extensions['words'] = time.monotonic(), Words(*row) if row else Words()


def read_when_stale() -> None:
    """Read them before they are shown, if the copy is old; a database without the table, not migrated yet, has none."""
    if not is_older_than(STALE_SECONDS):
        return
    try:
        read()
    except DBAPIError as error:
        db.session.rollback()
        if is_unavailable(error):
            raise


def _kept() -> tuple[float, Words]:
    return current_app.extensions.get('words') or (float('-inf'), Words())
