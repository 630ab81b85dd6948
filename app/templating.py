"""What every template knows: addresses, the reader's language and look, and how times and numbers read."""
import unicodedata

from babel import Locale
from flask import Flask, g
from flask_babel import get_locale
from flask_login import current_user

from app import languages, rendering
from app.assets import bootstrap_css, integrity
from app.text.counting import POST_LIMIT
from app.text.links import rich
from app.times import day, full_time, iso, month, number, short_time

RIGHT_TO_LEFT = {'ar', 'he', 'fa', 'ur'}


def init_app(app: Flask) -> None:
    """Register filters and globals."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_template_filter(lambda post: rich(post.body), 'rich')
    app.add_template_filter(rich, 'rich_text')
    for function in (iso, short_time, full_time, day, month, number):
        app.add_template_filter(function, function.__name__)
    for helper in (integrity, rendering.asset, rendering.post_url, rendering.user_url, rendering.gettext,
                     rendering.ngettext, rendering.pgettext):
        app.add_template_global(helper)
    app.add_template_global(rendering.gettext, '_')
    app.context_processor(reader)


def reader() -> dict:
    """What a page needs to know of its reader and of the site."""
    theme = getattr(current_user, 'theme', '')
    return {
        'locale': rendering.begin().language.replace('_', '-'),
        'direction': 'rtl' if is_right_to_left() else 'ltr',
        'theme': theme if theme in ('light', 'dark') else 'auto',
        'timezone': languages.own_timezone(),
        'languages': languages.names(),
        'site_name': 'Microblog',
        'post_limit': POST_LIMIT,
        'request_id': g.get('request_id', '-'),
        'bootstrap_css': bootstrap_css(),
    }


def isolated(name: str) -> str:
    """A name in a sentence, kept from turning what stands around it where scripts of both directions meet (UAX #9)."""
    mixed = is_right_to_left() or any(unicodedata.bidirectional(character) in ('R', 'AL') for character in name)
    return f'\u2068{name}\u2069' if mixed else name


def is_right_to_left() -> bool:
    """True when the page is written from right to left."""
    return (get_locale() or Locale('en')).language in RIGHT_TO_LEFT
