"""How long a text is as its reader sees it; `static/counter.js` counts alike, and `tests/text` proves it.

Characters are the extended grapheme clusters of UAX #29, found by a pattern of our own over the properties
that the `regex` package knows. Its `\\X` lets a virama join the next letter to anything (GB9c asks for a
letter before it), and other packages lack the classes of Unicode 17, which browsers have. All is linear.
"""
import re
from collections.abc import Iterator

import regex

POST_LIMIT = 500
CODE_POINT_LIMIT = 2000
MESSAGE_LIMIT = 2000
URL_LENGTH = 23

# Characters whose classes Unicode 18 changed. The package has that edition, a browser has it or the one
# before, so both sides count each of these as one plain character.
NEWER = (
    r'\u05c8\u05c9\u0b53\u0b54\u1ade\u1adf\u1aec-\u1af0\u1cf5\u1cf6'
    r'\U00010ecb-\U00010ecf\U00010ef0-\U00010ef9\U00011a3a\U00011b0a\U00011df0\U00011df1'
    r'\U0001d127\U0001d128\U0001d250-\U0001d252\U0001d25b\U0001d25c\U0001d25f\U0001d280\U0001d281'
    r'\U0001f1ae\U0001f7da\U0001f7db\U0001f7f1-\U0001f7ff'
)

# What no address contains: white space, controls, quotes, brackets and closing punctuation of many scripts.
STOP = (
    r'\u0000-\u0020"<>\\^\x60{|}\u007f-\u00a0\u00ab\u00bb\u060c\u061b\u061c\u061f\u06d4\u0964\u0965\u104a\u104b'
    r'\u1361-\u1368\u1680\u17d4\u17d5\u180e\u2000-\u200b\u200e\u200f\u2018-\u201f\u2026\u2028-\u202f\u2039\u203a'
    r'\u205f-\u206f\u3000-\u3003\u3008-\u3011\u3014-\u301f\ufd3e\ufd3f\ufe10-\ufe19\ufe30-\ufe6f\ufeff'
    r'\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff'
)

# An address: scheme; host, with no user name before it (https://bank.example@evil.example would mislead);
# port; then the rest, in which punctuation counts only before something else and brackets only in pairs.
# counter.js has the same lines, letter for letter.
URL_LINES = (
    r'[Hh](?<![A-Za-z0-9+.\-].)[Tt][Tt][Pp][Ss]?:\/\/(?![\-_]|[^\/?#STOP]*@)',
    r'[^!#$%&\x27()*+,.\/:;=?@\[\]~\u2010-\u205eSTOP]+(?:\.[^!#$%&\x27()*+,.\/:;=?@\[\]~\u2010-\u205eSTOP]+)*',
    r'(?::[0-9]{1,5}(?![0-9]))?',
    r'(?:(?=[\/?#])(?:[!\x27*,.:;?]*(?:[^!\x27()*,.:;?\[\]STOP]|\([^()\[\]STOP]*\)|\[[^()\[\]STOP]*\]))+)?',
)
URL = ''.join(URL_LINES).replace('STOP', STOP)

_NEWER = re.compile(f'[{NEWER}]')
_URL = re.compile(URL)
_NEWLINE = re.compile(r'\r\n?')

# Table 1c of UAX #29 (https://www.unicode.org/reports/tr29/#Table_Combining_Char_Sequences_and_Grapheme_Clusters).
_CLUSTER = regex.compile(
    r"""\r\n | [\p{GCB=Control}\r\n]
    | \p{GCB=Prepend}*+ (?:
        \p{GCB=L}*+ (?: \p{GCB=V}++ | \p{GCB=LV} \p{GCB=V}*+ | \p{GCB=LVT} ) \p{GCB=T}*+
        | \p{GCB=L}++ | \p{GCB=T}++
        | \p{RI} \p{RI}
        | \p{ExtPict} (?: \p{GCB=Extend}*+ \p{GCB=ZWJ} \p{ExtPict} )*+
        | \p{InCB=Consonant}
          (?: \p{InCB=Extend}*+ \p{InCB=Linker} [\p{InCB=Extend}\p{InCB=Linker}]*+ \p{InCB=Consonant} )*+
        | [^\p{GCB=Control}\r\n]
      ) [\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+
    | \p{GCB=Prepend}++""",
    regex.VERBOSE,
)


def length(text: str) -> int:
    """How many characters a reader sees; an address counts 23, a line break once."""
    text = _URL.sub('\n' * URL_LENGTH, _NEWLINE.sub('\n', text))
    if text.isascii():
        return len(text)
    return len(clusters(_NEWER.sub('\ufffd', text)))


def clusters(text: str) -> list[str]:
    """The characters of a text as a reader sees them."""
    return _CLUSTER.findall(text)


def url_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the addresses in a text begin and end."""
    return (match.span() for match in _URL.finditer(text))
