"""Turn what a person wrote into safe HTML: paragraphs, line breaks and links."""
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup, escape

from app.text.counting import clusters
from app.text.scanning import tokens

SHOWN = 60  # characters of an address that are shown, about two thirds of a line

_PARAGRAPH, _PARAGRAPH_END, _BREAK = Markup('<p>'), Markup('</p>'), Markup('<br>')
# An address reads from left to right in every language, and must not turn the words around it.
_LINK = Markup('<a href="%s" rel="nofollow noopener ugc"><bdi dir="ltr">%s</bdi></a>')
_SHORTENED = Markup('<a href="%s" title="%s" rel="nofollow noopener ugc"><bdi dir="ltr">%s</bdi></a>')
_MENTION = Markup('<a href="%s" data-popup><bdi dir="ltr">%s</bdi></a>')
_TAG = Markup('<a href="%s"><bdi>%s</bdi></a>')
_NEWLINE = re.compile(r'\r\n?|[\n\v\f\x1c-\x1e\x85\u2028\u2029]')


class Places(NamedTuple):
    """Where the names and tags of a text lead.

    `tags` and `people` are how these addresses begin; without them they stay text. `known`: each name that somebody
    has or had when it was written, in small letters, with the name that this person has now.
    """

    tags: str = ''
    people: str = ''
    known: tuple[tuple[str, str], ...] = ()


NOWHERE = Places()


@lru_cache(1024)  # what many people read at one time; about 1 MB
def rich(text: str, places: Places = NOWHERE) -> Markup:
    """The text as HTML: an empty line parts paragraphs, a line break stays one, addresses become links."""
    return marked(text, escape, places)


def marked(text: str, mark: Callable[[str], Markup], places: Places = NOWHERE) -> Markup:
    """The same, while `mark` makes HTML of each piece of text and of what the links show."""
    return Markup().join(_pieces(text, mark, places))


def _pieces(text: str, mark: Callable[[str], Markup], places: Places) -> Iterator[Markup]:
    known = dict(places.known)
    for lines in _paragraphs(text):
        yield _PARAGRAPH
        for number, line in enumerate(lines):
            if number:
                yield _BREAK
            for kind, piece in line:
                if kind == 'url':
                    yield _link(piece, mark)
                elif kind == 'mention' and piece[1:].lower() in known:
                    yield _MENTION % (places.people + known[piece[1:].lower()], mark(piece))
                elif kind == 'tag' and places.tags:
                    yield _TAG % (places.tags + quote(piece[1:]), mark(piece))
                else:
                    yield mark(piece)
        yield _PARAGRAPH_END


def _paragraphs(text: str) -> Iterator[list[list[tuple[str, str]]]]:
    """The lines of each paragraph, each as its pieces."""
    lines: list[list[tuple[str, str]]] = []
    for line in _lines(text):
        if any(piece.strip() for _kind, piece in line):
            lines.append(line)
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _lines(text: str) -> Iterator[list[tuple[str, str]]]:
    """The text is looked through as a whole, as when it was published; only what is text has line breaks."""
    line: list[tuple[str, str]] = []
    for kind, piece in tokens(text):
        first, *others = _NEWLINE.split(piece) if kind == 'text' else [piece]
        line.append((kind, first))
        for other in others:
            yield line
            line = [('text', other)]
    yield line


def _link(url: str, mark: Callable[[str], Markup]) -> Markup:
    full = url.partition('://')[2]
    shown = _shown(full)
    return _LINK % (url, mark(shown)) if shown == full else _SHORTENED % (url, url, mark(shown))


def _shown(address: str) -> str:
    """At most 60 characters, in which the end of the host, which says whose it is, always stands."""
    if len(address) <= SHOWN:  # nearly all: no need to look for clusters
        return address
    letters = clusters(address)
    if len(letters) <= SHOWN:
        return address
    host = len(clusters(re.split('[/?#]', address, maxsplit=1)[0]))
    if host <= SHOWN - 20:
        return ''.join([*letters[:SHOWN - 16], '…', *letters[-15:]])
    first = max(0, host - SHOWN + 2)
    return ('…' if first else '') + ''.join(letters[first:host]) + '…'
