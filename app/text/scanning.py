"""What in a text is more than text: addresses, @names and #tags. Whatever stands between `backticks` is only text."""
import re
from collections.abc import Iterator
from functools import lru_cache

import regex

from app.text.counting import URL

LONGEST_TAG = 100  # characters; what is longer is no tag

# A name after an @ that is no part of an e-mail address, of a web address without http or of a longer word.
_MENTION = r'(?<![A-Za-z0-9_@./&])@[A-Za-z0-9_]{1,30}+(?![A-Za-z0-9_@])'
# Letters and digits of every script with their marks and joiners, and at least one letter: #2 is a number.
_IN_TAG = r'\p{L}\p{M}\p{Nd}_\u200c\u200d'
_TAG = rf'(?<![{_IN_TAG}#＃/&@])[#＃][\p{{Nd}}_]*+\p{{L}}[{_IN_TAG}]*+'
_CODE = r'`+[^`\n]+`+'

_PLAIN = re.compile(f'(?P<url>{URL})')  # for a text without the other signs, at a third of the price
_RICH = regex.compile(rf'(?P<url>{URL})|(?P<code>{_CODE})|(?P<mention>{_MENTION})|(?P<tag>{_TAG})')
_SIGNS = re.compile('[@#＃]')


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The text in order as pieces (kind, piece); `kind` is 'text', 'url', 'mention' or 'tag'."""
    end = 0
    for kind, start, stop in _found(text):
        if start > end:
            yield 'text', text[end:start]
        yield kind, text[start:stop]
        end = stop
    if end < len(text):
        yield 'text', text[end:]


def names(text: str) -> list[str]:
    """The names that a text mentions, as they are written, in their order; without regard to case each once."""
    found = {piece[1:].lower(): piece[1:] for kind, piece in tokens(text) if kind == 'mention'} if '@' in text else {}
    return list(found.values())


def tags(text: str) -> list[str]:
    """The tags of a text, as they are written and without their sign, in their order."""
    return [piece[1:] for kind, piece in tokens(text) if kind == 'tag'] if _SIGNS.search(text) else []


@lru_cache(64)  # whoever publishes a post asks for its names, its tags and its words
def _found(text: str) -> tuple[tuple[str, int, int], ...]:
    """Kind, beginning and end of what is no text."""
    found = ((match.lastgroup, *match.span()) for match in (_RICH if _SIGNS.search(text) else _PLAIN).finditer(text))
    return tuple((kind, start, end) for kind, start, end in found
                 if kind != 'code' and not (kind == 'tag' and end - start > LONGEST_TAG + 1))
