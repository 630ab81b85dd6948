"""Turn what a person wrote into safe HTML: paragraphs, line breaks and links."""
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from markupsafe import Markup, escape

from app.text.counting import URL, clusters

SHOWN = 60  # characters of an address that are shown, about two thirds of a line

_SCANNER = re.compile(f'(?P<url>{URL})')
_PARAGRAPH, _PARAGRAPH_END, _BREAK = Markup('<p>'), Markup('</p>'), Markup('<br>')
# An address reads from left to right in every language, and must not turn the words around it.
_LINK = Markup('<a href="%s" rel="nofollow noopener ugc"><bdi dir="ltr">%s</bdi></a>')
_SHORTENED = Markup('<a href="%s" title="%s" rel="nofollow noopener ugc"><bdi dir="ltr">%s</bdi></a>')


@lru_cache(1024)  # what many people read at one time; about 1 MB
def rich(text: str) -> Markup:
    """The text as HTML: an empty line parts paragraphs, a line break stays one, addresses become links."""
    return marked(text, escape)


def marked(text: str, mark: Callable[[str], Markup]) -> Markup:
    """The same, while `mark` makes HTML of each piece of text and of the addresses as they are shown."""
    return Markup().join(_pieces(text, mark))


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The text in order as pieces (kind, piece): 'text', or the name of the scanner's group that found it."""
    end = 0
    for match in _SCANNER.finditer(text):
        if match.start() > end:
            yield 'text', text[end:match.start()]
        yield str(match.lastgroup), match.group()
        end = match.end()
    if end < len(text):
        yield 'text', text[end:]


def _pieces(text: str, mark: Callable[[str], Markup]) -> Iterator[Markup]:
    for lines in _paragraphs(text):
        yield _PARAGRAPH
        for number, line in enumerate(lines):
            if number:
                yield _BREAK
            for kind, piece in tokens(line):
                yield _link(piece, mark) if kind == 'url' else mark(piece)
        yield _PARAGRAPH_END


def _paragraphs(text: str) -> Iterator[list[str]]:
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip():
            lines.append(line)
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


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
