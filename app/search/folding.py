"""The words of a text as search knows them: case, width, accents and ligatures do not matter.

Both engines store and ask for these tokens and split nothing themselves, so they find the same. A token is letters and
digits only; writing without spaces between words (Chinese, Japanese, Korean, Thai, ...) and emoji give a token for
each character, of which a search makes a phrase. Tokens that begin with FLAG are not words of the text but what is
known of it (`indexing.py`); nobody can type them.
"""
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import regex

FLAG = '__'
LONGEST = 60  # letters of a token; InnoDB leaves out words of more than 84

_ASCII = re.compile('[a-z0-9]+')
_SCRIPTS = r'\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\u30fc\uff70'
_JAMO = r'[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+'  # parts of Korean syllables, to be put together first
_ALONE = rf'{_JAMO}|[[\p{{L}}\p{{N}}]&&[{_SCRIPTS}]][\p{{M}}\uff9e\uff9f]*'  # with its marks, as ｶﾞ and ﾊﾟ have them
_EMOJI = r'[\p{ExtPict}\p{RI}]'
_WORD = (rf'[[\p{{L}}\p{{N}}]--[{_SCRIPTS}]--{_EMOJI}]'
         rf'[[\p{{L}}\p{{N}}\p{{M}}\u0640\u200c\u200d]--[{_SCRIPTS}]--{_EMOJI}]*')
_PIECE = regex.compile(f'{_WORD}|{_ALONE}|{_EMOJI}', regex.V1)
_IS_ALONE = regex.compile(f'{_ALONE}|{_EMOJI}', regex.V1)
_KEPT_MARKS = (0, 7, 8, 9)  # vowel signs, nukta, the two dots of kana, virama: they are letters rather than accents
_PLAIN = str.maketrans({'ø': 'o', 'ł': 'l', 'đ': 'd', 'ð': 'd', 'ħ': 'h', 'ı': 'i', 'æ': 'ae', 'œ': 'oe', 'þ': 'th',
                        '\u0640': None, '\u200c': None, '\u200d': None})


def fold(text: str) -> list[str]:
    """The tokens of a text in their order; folding them once more changes nothing."""
    if text.isascii():  # nearly everything in many languages, at a tenth of the price
        return [word[:LONGEST] for word in _ASCII.findall(text.lower())]
    return [token for _start, _end, token in spans(text)]


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """The tokens with the places in the text where they come from: (start, end, token).

    A character that stands for several (½, ﷺ, ㎏) gives several tokens with its own place.
    """
    for piece in _PIECE.finditer(text):
        for token in _tokens(piece.group()):
            yield piece.start(), piece.end(), token


def stands_alone(token: str) -> bool:
    """True for the token of one character in writing without spaces, and for emoji: it is no beginning of a word."""
    return bool(_IS_ALONE.match(token))


@lru_cache(16_384)  # words come again and again; about 4 MB
def _tokens(piece: str) -> list[str]:
    if piece.isascii():
        return [piece.lower()[:LONGEST]]
    return [token[:LONGEST] for token in _PIECE.findall(_plain(piece))]


def _plain(piece: str) -> str:
    """Without case, width, accents and ligatures."""
    wide = unicodedata.normalize('NFKC', piece).casefold().translate(_PLAIN)
    bare = ''.join(c for c in unicodedata.normalize('NFKD', wide) if unicodedata.combining(c) in _KEPT_MARKS)
    return unicodedata.normalize('NFKC', bare.casefold()).translate(_PLAIN)
