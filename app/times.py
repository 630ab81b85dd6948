"""How moments, days and numbers read in the language and zone of the page; `static/microblog.js` says them alike."""
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_compact_decimal, format_decimal
from flask_babel import _

from app.rendering import current

HOUR, DAY = 3600, 24 * 3600
KEPT = 4096  # texts, of 100 bytes or so


def iso(moment: datetime) -> str:
    """The moment for a `datetime` attribute."""
    return moment.astimezone(UTC).isoformat(timespec='seconds').replace('+00:00', 'Z')


def short_time(moment: datetime) -> str:
    """The moment as short as it can be understood: "4 min", "Yesterday", "17 Nov", "17 Nov 2025"."""
    page = current()
    seconds = int((page.now - moment).total_seconds())
    if seconds < 60:
        return _('now')
    if seconds < DAY:  # rounded down, as the script does it
        unit = HOUR if seconds >= HOUR else 60
        return _duration(seconds // unit * unit, page.language)
    return _past(moment, page.today, page.zone, page.language)


def full_time(moment: datetime) -> str:
    """Date and time in the reader's zone, with the zone named."""
    page = current()
    return _full(int(moment.timestamp()) // 60, page.zone, page.language)


def clock(moment: datetime) -> str:
    """Hour and minute in the reader's zone."""
    local = _local(moment)
    return _clock(local.hour * 60 + local.minute, current().language)


def local_date(moment: datetime) -> date:
    """On which day of the reader it was."""
    return _local(moment).date()


def date_name(moment: datetime) -> str:
    """The day as a heading: "Today", "Yesterday", "17 Nov", "17 Nov 2025"."""
    page = current()
    if local_date(moment) == page.today:
        return _('Today')
    return _past(moment, page.today, page.zone, page.language)


def day(moment: datetime) -> str:
    """Only the day, in the reader's zone and language; today and yesterday by name."""
    local, today = local_date(moment), current().today
    if local == today:
        return _('today')
    if local == today - timedelta(days=1):
        return _('yesterday')
    return format_date(local, 'long', locale=current().locale)


def whole_day(date: date) -> str:
    """A day of the calendar: "31 January 2026"."""
    return format_date(date, 'long', locale=current().locale)


def month(moment: datetime) -> str:
    """Month and year."""
    return _by_skeleton(_local(moment), 'yMMMM')


def number(count: int) -> str:
    """A count as the reader writes it, shortened from 1,000 on."""
    return _number(count, current().language)


def whole_number(count: int) -> str:
    """A number with all its digits."""
    return format_decimal(count, locale=current().locale)


def language_name(code: str) -> str:
    """A language in the language of the page; its code when nobody knows it."""
    return current().locale.languages.get(code, code)


@lru_cache(KEPT)
def _past(moment: datetime, today: date, zone: tzinfo, language: str) -> str:
    local = moment.astimezone(zone)
    if local.date() == today - timedelta(days=1):
        return _('Yesterday')
    return _by_skeleton(local, 'MMMd' if local.year == today.year else 'yMMMd')


def _local(moment: datetime) -> datetime:
    return moment.astimezone(current().zone)


def _by_skeleton(local: datetime, skeleton: str) -> str:
    return _skeleton(local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None), skeleton,
                     current().language)


@lru_cache(KEPT)
def _skeleton(day: datetime, skeleton: str, language: str) -> str:
    return format_skeleton(skeleton, day, locale=language)


@lru_cache(KEPT)
def _number(count: int, language: str) -> str:
    if count < 1000:
        return format_decimal(count, locale=language)
    return format_compact_decimal(count, locale=language, fraction_digits=1)


@lru_cache(KEPT)
def _clock(minutes: int, language: str) -> str:
    return format_time(time(minutes // 60, minutes % 60), 'short', locale=language)


@lru_cache(KEPT)
def _duration(seconds: int, language: str) -> str:
    return format_timedelta(seconds, threshold=1, format='short', locale=language)


@lru_cache(KEPT)
def _full(minute: int, zone: tzinfo, language: str) -> str:
    local = datetime.fromtimestamp(minute * 60, zone)
    date, hour = format_date(local, 'long', locale=language), format_time(local, 'short', locale=language)
    return _('%(date)s, %(time)s %(zone)s', date=date, time=hour, zone=local.tzname() or 'UTC')
