"""What people read of an archive: pages that open without the site, in the person's language."""
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from itertools import islice

from babel.dates import format_date, format_time, get_timezone
from flask import render_template
from flask_babel import _, force_locale

from app.archive import data
from app.languages import is_timezone
from app.models import User, utcnow
from app.queries import own

ON_A_PAGE = 500
LISTS = {'posts': own.posts, 'following': own.following, 'followers': own.followers_of,
         'messages': own.messages}


class Words:
    """How moments read in the person's language and zone."""

    def __init__(self, user: User, language: str):
        self.language = language
        self.zone: tzinfo = get_timezone(user.timezone if user.timezone and is_timezone(user.timezone) else 'UTC')
        with force_locale(language):
            self.form = _('%(date)s, %(time)s %(zone)s')

    def __call__(self, moment: datetime) -> str:
        """Date and time with the name of the zone."""
        local = moment.astimezone(self.zone)
        return self.form % {'date': _date(local.date(), self.language), 'zone': local.tzname() or 'UTC',
                            'time': _time(local.time().replace(second=0, microsecond=0), self.language)}


@lru_cache(1000)
def _date(day: date, language: str) -> str:
    return format_date(day, 'long', locale=language)


@lru_cache(1440)
def _time(minute: time, language: str) -> str:
    return format_time(minute, 'short', locale=language)


def draw(user: User, picture, language: str, counted) -> Iterator[tuple[str, str]]:
    """Every page with its name; the one to begin with comes last, when it is known how many there are."""
    words = Words(user, language)
    known: dict[str, list[str]] = {}
    for name, read in LISTS.items():
        known[name] = []
        for number, (page, is_last) in enumerate(_pages(counted(read(user))), 1):
            known[name].append(f'{name}-{number}.html')
            yield f'pages/{name}-{number}.html', _render(f'archive/{name}.html', user, words, rows=page,
                                                         number=number, is_last=is_last)
    yield 'style.css', render_template('archive/style.css')
    face = data.picture_name(picture) if picture is not None else ''
    yield 'index.html', _render('archive/index.html', user, words, pages=known, face=face, now=utcnow())


def _render(template: str, user: User, words: Words, **context) -> str:
    with force_locale(words.language):
        return render_template(template, user=user, when=words, **context)


def _pages(rows: Iterable) -> Iterator[tuple[list, bool]]:
    """The rows in pages, each with whether it is the last one."""
    iterator = iter(rows)
    page = list(islice(iterator, ON_A_PAGE))
    while page:
        ahead = list(islice(iterator, ON_A_PAGE))
        yield page, not ahead
        page = ahead
