"""What a password may be: long enough, and not among the first that somebody else would try."""
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from flask_babel import lazy_gettext as _l

from app.exceptions import Refused

SHORTEST = 8
LONGEST = 128
SITE_WORDS = ('microblog',)

_UNTYPABLE = re.compile('[\0\ud800-\udfff]')  # halves of surrogate pairs come from broken JSON
_LETTER = re.compile(r'[^\W\d_]')
_LIST = Path(__file__).with_name('common_passwords.txt')
_SHORTEST_WORD = 3  # a name of one letter says nothing about a password


def check_password(password: str, *, username: str = '', email: str = '',
                   site_words: Iterable[str] = ()) -> None:
    """Refuse what is easily guessed; any characters will do (NIST SP 800-63B-4, 3.1.1.2).

    Lengths are in code points; `site_words` are refused besides the name of the site.
    """
    if len(password) > LONGEST:
        raise Refused('password', _l('A password has at most %(limit)s characters.', limit=LONGEST))
    if _UNTYPABLE.search(password):
        raise Refused('password', _l('This password has a character that cannot be typed. Remove it.'))
    folded = _folded(password)
    if min(len(password), len(folded)) < SHORTEST:
        raise Refused('password', _l('A password has at least %(limit)s characters.', limit=SHORTEST))
    if _is_run(folded):
        raise Refused('password', _l('Choose a password that is not one character repeated or a run like 12345678.'))
    if f'\n{folded}\n' in _common():
        raise Refused('password', _l('Many people use this password. Choose one that is hard to guess.'))
    if _is_made_of(_words(username, email, site_words), folded):
        raise Refused('password', _l('Choose a password other than your name, your address or the name of this site.'))


def _folded(text: str) -> str:
    """The text without what somebody who guesses would try anyway: case, width, composition."""
    return unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', text).casefold())


def _is_run(text: str) -> bool:
    """True for aaaaaaaa, 12345678, hgfedcba."""
    steps = {ord(later) - ord(earlier) for earlier, later in pairwise(text)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


@cache
def _common() -> str:
    """The list that is shipped, a word a line; as a set it would take ten times the memory."""
    return '\n' + _LIST.read_text(encoding='utf-8')


def _words(username: str, email: str, site_words: Iterable[str]) -> list[str]:
    """Everybody's first guesses, the longest first, so that an address goes before the name in it."""
    local, _, domain = email.rpartition('@')
    words = {_folded(word) for word in (username, email, local, domain, *SITE_WORDS, *site_words)}
    return sorted((word for word in words if len(word) >= _SHORTEST_WORD), key=len, reverse=True)


def _is_made_of(words: list[str], folded: str) -> bool:
    """True for one or more of the words with only digits and signs besides: susan123, Susan@Microblog!."""
    rest = folded
    for word in words:
        rest = rest.replace(word, '')
    return rest != folded and not _LETTER.search(rest)
