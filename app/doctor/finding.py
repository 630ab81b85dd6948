"""What a check found."""
from typing import NamedTuple

FINE, NOTE, FAULT = 'ok', 'note', 'FAULT'


class Finding(NamedTuple):
    """How something is. A fault has to be put right; a note may be as it is meant to be."""

    level: str
    what: str
    says: str


def fine(what: str, says: str) -> Finding:
    """Something is as it should be."""
    return Finding(FINE, what, says)


def note(what: str, says: str) -> Finding:
    """Something that is worth knowing."""
    return Finding(NOTE, what, says)


def fault(what: str, says: str) -> Finding:
    """Something has to be done."""
    return Finding(FAULT, what, says)
