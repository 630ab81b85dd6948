"""What people type into the search box, understood: words, "phrases", -without, #tag, @name, from:, since:, until:, ...

Everything but the dates becomes tokens of the index, so an engine has to know terms and a range of ids only. What is
no operator is text; nothing that is typed is an error.
"""
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from app.models import MAX_ID, first_id, tag_key, username_key
from app.search.folding import FLAG, fold, stands_alone
from app.search.folding import LONGEST as LONGEST_TOKEN
from app.text.scanning import tags

LONGEST = 1000  # characters that are read
MOST_TERMS = 20
MOST_TOKENS = 64
ME = 'me'

_QUOTES = str.maketrans('“”„‟«»＂', '"' * 7)
_ITEM = re.compile(r'(?P<not>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_OPERATOR = re.compile(r'(from|since|until|has|lang):(.+)', re.IGNORECASE)
_NAME = re.compile(r'@?([A-Za-z0-9_]{1,30})')
_DAY = re.compile(r'[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}', re.ASCII)
_LANGUAGE = re.compile(r'([A-Za-z]{2,3})(-[A-Za-z0-9-]*)?')


class Term(NamedTuple):
    """Tokens that follow each other in a post; with `is_prefix` the last of them is the beginning of a word.

    An AND of terms is a search. A flag (`indexing.py`) is a term of one token, which no phrase ever crosses.
    """

    tokens: tuple[str, ...]
    is_prefix: bool = False


class Part(NamedTuple):
    """A piece of the query as the page says it was understood, in its order.

    `kind`: word, prefix, phrase, tag, name, from, has, lang, since, until; `text` as it was typed, dates as a date.
    """

    kind: str
    text: str
    is_excluded: bool = False
    day: date | None = None


@dataclass(frozen=True)
class Query:
    """A search: posts with all `terms` and none of `excluded`, whose ids are at least `since` and below `until`."""

    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    since: int = 0
    until: int = MAX_ID
    names: tuple[Part, ...] = ()  # of from:, which the database has to know; engines never see them
    parts: tuple[Part, ...] = field(default=(), compare=False)

    @property
    def is_empty(self) -> bool:
        """True when there is nothing that posts could be found by."""
        return not (self.terms or self.excluded or self.parts)

    @property
    def author(self) -> int | None:
        """Whose posts these are, when that is all that they must have."""
        begin = f'{FLAG}by_'
        tokens = self.terms[0].tokens if len(self.terms) == 1 else ('',)
        return int(tokens[0].removeprefix(begin)) if tokens[0].startswith(begin) else None

    def by(self, part: Part, user_id: int) -> 'Query':
        """The same with the person meant by a name of from:."""
        term, names = by_author(user_id), tuple(name for name in self.names if name != part)
        if part.is_excluded:
            return replace(self, excluded=(*self.excluded, term), names=names)
        return replace(self, terms=(*self.terms, term), names=names)


def by_author(user_id: int) -> Term:
    """The term that all posts of a person have."""
    return Term((f'{FLAG}by_{user_id}',))


def with_tag(tag: str) -> Term:
    """The term that all posts with a tag have."""
    return Term((f'{FLAG}tag_{tag_key(tag)}'[:LONGEST_TOKEN],))


def parse(text: str, zone: tzinfo) -> Query:
    """Understand what was typed, dates as days of the reader's zone. It never fails; what is too long is cut off."""
    items = list(_ITEM.finditer(text[:LONGEST].translate(_QUOTES)))
    reader = _Reader(zone)
    for item in items[:4 * MOST_TERMS]:
        excluded = bool(item['not'])
        if item['phrase'] is not None:
            reader.take_words('phrase', item['phrase'], excluded)
        else:
            reader.take(item['word'], excluded, is_last=item is items[-1])
    return reader.query()


def may_go_on(text: str) -> bool:
    """True when a word stands at the end: "mos", or "mos*", but not "c++"."""
    return unicodedata.category(text.rstrip('*')[-1])[0] in 'LMN'


class _Reader:
    """Collects the items of one query."""

    def __init__(self, zone: tzinfo):
        self.zone = zone
        self.terms: dict[bool, dict[Term, None]] = {False: {}, True: {}}
        self.names: list[Part] = []
        self.parts: list[Part] = []
        self.since, self.until = 0, MAX_ID
        self.tokens = 0

    def query(self) -> Query:
        return Query(tuple(self.terms[False]), tuple(self.terms[True]), self.since, self.until, tuple(self.names),
                     tuple(self.parts))

    def take(self, word: str, excluded: bool, is_last: bool) -> None:
        """An operator where it is one, else text."""
        operator = _OPERATOR.fullmatch(word)
        if operator and getattr(self, f'take_{operator[1].lower()}')(operator[2], excluded):
            return
        name = _NAME.fullmatch(word) if word.startswith('@') else None
        if name:
            self.add(Part('name', name[1], excluded), Term((f'{FLAG}at_{username_key(name[1])}',)))
        elif word.startswith(('#', '＃')) and tags(word):
            self.add(Part('tag', tags(word)[0], excluded), with_tag(tags(word)[0]))
        else:
            self.take_words('word', word, excluded, is_last and not excluded)

    def take_words(self, kind: str, text: str, excluded: bool, is_prefix: bool = False) -> None:
        tokens = tuple(fold(text)[:MOST_TOKENS - self.tokens])
        if not tokens:
            return
        is_prefix = is_prefix and may_go_on(text) and not stands_alone(tokens[-1])
        self.add(Part('prefix' if is_prefix else kind, text.strip(), excluded), Term(tokens, is_prefix))

    def take_from(self, value: str, excluded: bool) -> bool:
        name = _NAME.fullmatch(value)
        if name and len(self.names) < MOST_TERMS:
            part = Part('from', name[1], excluded)
            self.names.append(part)
            self.parts.append(part)
        return bool(name)

    def take_has(self, value: str, excluded: bool) -> bool:
        if value.lower() != 'link':
            return False
        return self.add(Part('has', 'link', excluded), Term((f'{FLAG}link',)))

    def take_lang(self, value: str, excluded: bool) -> bool:
        language = _LANGUAGE.fullmatch(value)
        if language is None:
            return False
        code = language[1].lower()
        return self.add(Part('lang', code, excluded), Term((f'{FLAG}lang_{code}',)))

    def take_since(self, value: str, excluded: bool) -> bool:
        day = self.day(value)
        if day is None or excluded:
            return False
        self.since = max(self.since, self.first_id_of(day))
        self.parts.append(Part('since', value, day=day))
        return True

    def take_until(self, value: str, excluded: bool) -> bool:
        """The day itself belongs to it."""
        day = self.day(value)
        if day is None or excluded:
            return False
        self.until = min(self.until, self.first_id_of(day + timedelta(days=1)) if day < date.max else MAX_ID)
        self.parts.append(Part('until', value, day=day))
        return True

    def add(self, part: Part, term: Term) -> bool:
        """Add a term, unless there are too many; a repeated one counts once."""
        known = self.terms[part.is_excluded]
        if term not in known and sum(map(len, self.terms.values())) < MOST_TERMS:
            known[term] = None
            self.parts.append(part)
            self.tokens += len(term.tokens)
        return True

    def day(self, text: str) -> date | None:
        """The day that this names, if any."""
        try:
            return date(*map(int, text.split('-'))) if _DAY.fullmatch(text) else None
        except ValueError:
            return None

    def first_id_of(self, day: date) -> int:
        """The lowest id of a day in the reader's zone."""
        return min(max(first_id(datetime.combine(day, time(), self.zone)), 0), MAX_ID)
