"""What every template knows: asset addresses, the reader's language and look, and how times and numbers read."""
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_timezone
from babel.numbers import format_compact_decimal, format_decimal
from flask import Flask, g
from flask_babel import _, get_domain, get_locale
from flask_babel import get_timezone as reader_timezone
from flask_login import current_user

from app import languages
from app.assets import asset, bootstrap_css, integrity
from app.models import utcnow
from app.text.counting import POST_LIMIT
from app.text.links import rich

HOUR, DAY = 3600, 24 * 3600
RIGHT_TO_LEFT = {'ar', 'he', 'fa', 'ur'}


def init_app(app: Flask) -> None:
    """Register filters and globals."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_template_filter(lambda post: rich(post.body), 'rich')
    app.add_template_filter(rich, 'rich_text')
    for function in (iso, short_time, full_time, day, month, number):
        app.add_template_filter(function, function.__name__)
    app.add_template_global(asset)
    app.add_template_global(integrity)
    app.context_processor(reader)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True, pgettext=_pgettext)


def reader() -> dict:
    """What a page needs to know of its reader and of the site."""
    locale = get_locale() or Locale('en')
    theme = getattr(current_user, 'theme', '')
    return {
        'locale': str(locale).replace('_', '-'),
        'direction': 'rtl' if is_right_to_left() else 'ltr',
        'theme': theme if theme in ('light', 'dark') else 'auto',
        'timezone': languages.own_timezone(),
        'languages': languages.names(),
        'site_name': 'Microblog',
        'post_limit': POST_LIMIT,
        'request_id': g.get('request_id', '-'),
        'bootstrap_css': bootstrap_css(),
    }


def iso(moment: datetime) -> str:
    """The moment for a `datetime` attribute."""
    return moment.astimezone(UTC).isoformat(timespec='seconds').replace('+00:00', 'Z')


def short_time(moment: datetime) -> str:
    """The moment as short as it can be understood: "4 min", "Yesterday", "17 Nov", "17 Nov 2025"."""
    now = utcnow()
    seconds = int((now - moment).total_seconds())
    if seconds < 60:
        return _('now')
    if seconds < DAY:  # rounded down, as the script does it
        unit = HOUR if seconds >= HOUR else 60
        return format_timedelta(seconds // unit * unit, threshold=1, format='short', locale=_locale())
    local, today = _local(moment), _local(now)
    if local.date() == today.date() - timedelta(days=1):
        return _('Yesterday')
    return _by_skeleton(local, 'MMMd' if local.year == today.year else 'yMMMd')


def full_time(moment: datetime) -> str:
    """Date and time in the reader's zone, with the zone named."""
    local = _local(moment)
    date, time = _date_and_time(local, str(_locale()))
    return _('%(date)s, %(time)s %(zone)s', date=date, time=time, zone=local.tzname() or 'UTC')


def day(moment: datetime) -> str:
    """Only the day, in the reader's zone and language; today and yesterday by name."""
    local, today = _local(moment).date(), _local(utcnow()).date()
    if local == today:
        return _('today')
    if local == today - timedelta(days=1):
        return _('yesterday')
    return format_date(local, 'long', locale=_locale())


def month(moment: datetime) -> str:
    """Month and year."""
    return _by_skeleton(_local(moment), 'yMMMM')


def number(count: int) -> str:
    """A count as the reader writes it, shortened from 1,000 on."""
    if count < 1000:
        return format_decimal(count, locale=_locale())
    return format_compact_decimal(count, locale=_locale(), fraction_digits=1)


@lru_cache(4096)
def _date_and_time(local: datetime, locale: str) -> tuple[str, str]:
    return format_date(local, 'long', locale=locale), format_time(local, 'short', locale=locale)


@lru_cache(4096)
def _skeleton(local: datetime, skeleton: str, locale: str) -> str:
    return format_skeleton(skeleton, local, tzinfo=local.tzinfo, locale=locale)


def isolated(name: str) -> str:
    """A name in a sentence, kept from turning what stands around it where scripts of both directions meet (UAX #9)."""
    mixed = is_right_to_left() or any(unicodedata.bidirectional(character) in ('R', 'AL') for character in name)
    return f'\u2068{name}\u2069' if mixed else name


def is_right_to_left() -> bool:
    """True when the page is written from right to left."""
    return _locale().language in RIGHT_TO_LEFT


def _by_skeleton(local: datetime, skeleton: str) -> str:
    return _skeleton(local, skeleton, str(_locale()))


def _local(moment: datetime) -> datetime:
    return moment.astimezone(get_timezone(reader_timezone() or UTC))


def _locale() -> Locale:
    return get_locale() or Locale('en')


def _gettext(text: str) -> str:
    return _catalogue().ugettext(text)


def _ngettext(singular: str, plural: str, count: int) -> str:
    return _catalogue().ungettext(singular, plural, count)


def _pgettext(context: str, text: str) -> str:
    return _catalogue().upgettext(context, text)


def _catalogue():
    """The catalogue of the page's language; Flask-Babel would look for it anew at each string."""
    locale = get_locale()
    kept = g.get('catalogue')
    if kept is None or kept[0] is not locale:
        kept = g.catalogue = (locale, get_domain().get_translations())
    return kept[1]
