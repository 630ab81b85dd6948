"""What is kept of a text that somebody sends. `static/counter.js` cleans alike before it counts.

Nothing is normalised to NFC: that would replace letters of Japanese and Korean names (U+FA19 becomes
U+795E), reorder Hebrew points, and depend on the Unicode edition of each side. Search normalises for itself.
"""
import re

import regex

from app.text.counting import NEWER

# White space and what looks like it: zero width space, word joiner, Hangul fillers, the empty Braille cell.
# Joiners, variation selectors and direction marks are not here: at an end they belong to their neighbour.
_SPACE = r'\t \u00a0\u1680\u180e\u2000-\u200b\u202f\u205f\u2060\u2800\u3000\u3164\uffa0'
_MARK = rf'(?![{NEWER}])[\p{{M}}\u200c\u200d]'

_SURROGATE = re.compile(r'[\ud800-\udfff]')
_BREAK = re.compile(r'\r\n?|[\u000b\u000c\u0085\u2028\u2029]')
# Controls, noncharacters, deprecated formats, and the bidi embeddings, overrides and isolates, which reach
# beyond the text. Tags (invisible letters) stay only where they spell the flag of a region.
_UNWANTED = regex.compile(
    r'(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)'
    r'|[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u206f\ufeff\ufff0-\ufffb'
    r'\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\p{NChar}]'
)
_TOO_MANY_MARKS = regex.compile(rf'((?:{_MARK}){{10}})(?:{_MARK})+')
_LINE_END = re.compile(rf'(?m)(?<![{_SPACE}])[{_SPACE}]+$')
_EMPTY_LINES = re.compile(r'\n{4,}')
_EDGES = re.compile(rf'^[\n{_SPACE}]+|\n+\Z')
_VISIBLE = regex.compile(
    rf'[{NEWER}]|[^\p{{M}}\p{{DI}}\p{{White_Space}}\p{{Cc}}\p{{NChar}}\u2800\ufff9-\ufffb\U0001d159]'
)
_GAP = re.compile(rf'[\n{_SPACE}]{{2,}}|[\n\t]')


def clean(text: str) -> str:
    """The text as it is stored: tidy lines, nothing that reaches beyond it; '' when nothing can be seen."""
    text = _BREAK.sub('\n', _SURROGATE.sub('\ufffd', text))
    text = _TOO_MANY_MARKS.sub(r'\1', _UNWANTED.sub(r'\1', text))
    text = _EMPTY_LINES.sub('\n\n\n', _LINE_END.sub('', text))
    text = _EDGES.sub('', text)
    return '' if is_blank(text) else text


def clean_line(text: str) -> str:
    """The same for what has one line, such as a name: line breaks and runs of spaces become one space."""
    return _GAP.sub(' ', clean(text)).strip()


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing, or only accents without a letter."""
    return not _VISIBLE.search(text)
