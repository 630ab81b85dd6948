"""Which language and time zone a page speaks."""
import unicodedata
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, localedata
from babel.core import get_global
from babel.dates import get_timezone
from flask import Flask, current_app, has_request_context, request
from flask_babel import get_locale
from flask_login import current_user

from app.extensions import babel

NAMES = {'en': 'English', 'es': 'Español', 'de': 'Deutsch', 'fr': 'Français', 'ar': 'العربية', 'zh': '中文'}
RIGHT_TO_LEFT = {'ar', 'he', 'fa', 'ur'}

# What CLDR knows of the world and no page asks for: most of a megabyte that every process would keep.
UNUSED = ('territory_languages', 'territory_currencies', 'all_currencies', 'windows_zone_mapping')
# What it knows of each language besides: most of a megabyte.
UNSPOKEN = ('currency_names', 'currency_names_plural', 'currency_symbols', 'compact_currency_formats', 'territories',
            'scripts', 'variants', 'time_zones', 'meta_zones', 'unit_display_names', 'compound_unit_patterns',
            'interval_formats')
SPOKEN_UNITS = ('duration', 'digital')


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask for the reader's language and zone."""
    app.config.setdefault('BABEL_DEFAULT_LOCALE', app.config['LANGUAGES'][0])
    babel.init_app(app, locale_selector=select_language, timezone_selector=select_timezone)
    for table in UNUSED:
        get_global(table).clear()  # type: ignore[attr-defined, arg-type]


def forget_regions(languages: list[str]) -> None:
    """Forget how Babel finds zh_TW, which is zh_Hant_TW: as large again. Plain languages are found without."""
    if all(language.isalpha() for language in languages):
        get_global('likely_subtags').clear()  # type: ignore[attr-defined]


def select_language() -> str:
    """The person's own setting, else the choice kept in a cookie, else the best of what the browser asks for."""
    language = _wished_language()
    _lighten(language)
    return language


def _wished_language() -> str:
    offered = current_app.config['LANGUAGES']
    if not has_request_context():
        return offered[0]
    wished = [getattr(current_user, 'language', ''), request.cookies.get(cookie_name(), '')]
    for language in wished:
        if language in offered:
            return language
    return next((language for language in asked_for() if language in offered), offered[0])


@cache
def _lighten(language: str) -> None:
    """Forget what no page says."""
    known = localedata.load(language)
    for name in UNSPOKEN:
        known.pop(name, None)
    units = known['unit_patterns']
    known['unit_patterns'] = {name: units[name] for name in units if name.startswith(SPOKEN_UNITS)}


def cookie_name() -> str:
    """What the cookie with a visitor's choice is called. "__Host-": no other host can set it (RFC 6265bis)."""
    return '__Host-language' if current_app.config['HTTPS'] else 'language'


def asked_for() -> list[str]:
    """The languages that the browser asks for, the best first and without regions: "de-AT" is German too."""
    return [tag.partition('-')[0].lower() for tag, quality in request.accept_languages if quality > 0]


def select_timezone() -> str:
    """The person's own setting, else the zone that the browser's script has told, else UTC."""
    told = request.cookies.get('timezone', '') if has_request_context() else ''
    return own_timezone() or (told if told in timezones() else 'UTC')


def own_timezone() -> str:
    """The person's own setting; '' when there is none, or when it is gone from today's IANA database."""
    zone = getattr(current_user, 'timezone', '') if has_request_context() else ''
    return zone if zone and is_timezone(zone) else ''


def names() -> dict[str, str]:
    """The languages to choose from, each in its own words; a constant, since CLDR takes 1 MB for each of them."""
    return {code: NAMES[code] for code in current_app.config['LANGUAGES']}


def is_timezone(name: str) -> bool:
    """True for a zone that pages can count with."""
    try:
        get_timezone(name)
    except (LookupError, ValueError, OSError):  # OSError: the name of a folder
        return False
    return True


@cache
def timezones() -> list[str]:
    """The zones to choose from, sorted; read from the disk once, since that takes long."""
    return sorted(zone for zone in available_timezones() if '/' in zone and not zone.startswith('Etc/'))


def isolated(name: str) -> str:
    """A name in a sentence, kept from turning what stands around it where scripts of both directions meet (UAX #9)."""
    mixed = is_right_to_left() or any(unicodedata.bidirectional(character) in ('R', 'AL') for character in name)
    return f'\u2068{name}\u2069' if mixed else name


def is_right_to_left() -> bool:
    """True when the page is written from right to left."""
    return (get_locale() or Locale('en')).language in RIGHT_TO_LEFT
