"""Parts of pages that read alike for many people, each drawn once a process for all who see the same of it.

A fragment is drawn from plain values alone, and these, with the language and the place of the site, are the key under
which it is kept. What belongs to one reader or one request is a mark in it, and is put in afterwards.
"""
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from flask import current_app, request
from markupsafe import Markup, escape

from app.rendering import current

KEPT = 200  # fragments, of which the longest has about 3,000 characters


class Marks(NamedTuple):
    """What stands in a fragment for what is put in afterwards; nobody's text can hold it: it is escaped."""

    keys: Markup = Markup('<keys>')  # hidden fields
    back: Markup = Markup('<back>')  # an address of this site
    me: Markup = Markup('<me>')  # the reader's id
    own: Markup = Markup('<own>')  # the address of their profile
    face: Markup = Markup('<face>')  # and of their picture
    messages: Markup = Markup('<messages>')  # how many are unread
    notifications: Markup = Markup('<notifications>')
    number: Markup = Markup('<number>')  # of either
    now: Markup = Markup('<now>')  # in seconds


MARKS = Marks()
_MARK = re.compile(f'<({"|".join(Marks._fields)})>')

Pieces = tuple[str, ...]  # HTML, the name of the mark behind it, HTML, ...


def fragment(template: str, values_at: Mapping[str, object] | None = None, **values) -> Markup:
    """A template drawn from hashable values; `values_at` says what stands at its `marks`."""
    return filled([kept(_draw)(template, current().language, request.script_root, tuple(values.items()))],
                  values_at or {})


def kept(draw):
    """What draws something once; while templates change it draws anew each time, so that one sees it at once."""
    return draw.__wrapped__ if current_app.jinja_env.auto_reload else draw


def drawn(template: str, values: dict) -> Pieces:
    """A template's HTML, parted at its marks."""
    return tuple(_MARK.split(escape(current_app.jinja_env.get_template(template).make_module(values))))


def filled(drawn: Iterable[Pieces], values_at: Mapping[str, object]) -> Markup:
    """Several drawings with what stands at their marks: as one plain `join`, which `Markup` does 15 times as slowly."""
    values = {name: str(escape(value)) for name, value in values_at.items()}
    whole: list[str] = []
    for pieces in drawn:
        parts = list(pieces)
        parts[1::2] = [values[name] for name in pieces[1::2]]
        whole += parts
    return Markup(''.join(whole))  # noqa: S704 what templates drew and escaped values  # nosec B704


@lru_cache(KEPT)
def _draw(template: str, language: str, root: str, values: tuple) -> Pieces:
    return drawn(template, {'marks': MARKS, **dict(values)})
