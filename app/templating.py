"""What every template knows: addresses, the reader's language and look, and how times and numbers read."""
import time

from flask import Flask, Response, g, request
from flask_login import current_user

from app import languages, rendering, words
from app.articles import answer, articles, post_menu
from app.assets import bootstrap_css, integrity
from app.bookkeeping import note_later
from app.forms import new_form_key
from app.fragments import fragment
from app.guard import ANY_HOST, STATIC
from app.languages import is_right_to_left, isolated
from app.models import User
from app.text.counting import MESSAGE_LIMIT, POST_LIMIT
from app.text.links import rich
from app.times import (
    clock,
    date_name,
    day,
    full_time,
    iso,
    language_name,
    month,
    number,
    short_time,
    whole_day,
    whole_number,
)

MENU = {'main.index', 'main.explore', 'main.search', 'notifications.index', 'messages.index', 'settings.index',
        'posts.new', 'auth.login', 'auth.register'}


def init_app(app: Flask) -> None:
    """Register filters and globals."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_template_filter(lambda post: rich(post.body, rendering.places(post)), 'rich')
    app.add_template_filter(rich, 'rich_text')
    for function in (iso, short_time, full_time, clock, date_name, day, month, number, whole_day, whole_number,
                     language_name, rendering.post_url, rendering.user_url, avatar, isolated):
        app.add_template_filter(function, function.__name__)
    for helper in (answer, articles, bootstrap_css, fragment, integrity, menu_place, new_form_key, post_menu,
                   rendering.asset, rendering.gettext, rendering.ngettext, rendering.pgettext):
        app.add_template_global(helper)
    app.add_template_global(rendering.gettext, '_')
    app.add_template_global(rendering.place_url, 'url_for')
    app.context_processor(reader)
    app.teardown_appcontext(rendering.end)
    if not app.testing:  # a test counts statements, and knows when the words change
        app.before_request(know_words)
        app.after_request(look_again)


def know_words() -> None:
    """Have the site's own words at hand when this process has rested for a while."""
    if request.endpoint not in (*STATIC, *ANY_HOST):
        words.read_when_stale()


def look_again(response: Response) -> Response:
    """See after an answer whether the site's own words are still the same."""
    if request.endpoint not in (*STATIC, *ANY_HOST) and words.is_older_than(words.FRESH_SECONDS):
        note_later(response, words.read)
    return response


def reader() -> dict:
    """What a page needs to know of its reader and of the site."""
    theme, page, site = getattr(current_user, 'theme', ''), rendering.begin(), words.current()
    return {
        'locale': page.language.replace('_', '-'),
        'direction': 'rtl' if is_right_to_left() else 'ltr',
        'theme': theme if theme in ('light', 'dark') else 'auto',
        'timezone': languages.own_timezone(),
        'zone': str(page.zone),
        'languages': tuple(languages.names().items()),
        'site': site,
        'site_name': site.name,
        'post_limit': POST_LIMIT,
        'message_limit': MESSAGE_LIMIT,
        'request_id': g.get('request_id', '-'),
        'now': int(time.time()),
    }


def menu_place(own: str) -> dict[str, str | bool]:
    """Which place of the main menu a page belongs to, and whether it is the place itself; `own` is the reader's."""
    path = request.script_root + request.path
    if path == own:
        return {'place': 'own', 'is_page': True}
    place = f'{request.blueprint}.index' if request.blueprint in ('messages', 'settings') else request.endpoint
    if place not in MENU:
        return {'place': '', 'is_page': False}
    return {'place': place, 'is_page': path == rendering.place_url(place)}


def avatar(user: User, size: int) -> str:
    """The address of a person's picture: as a filter, since calling a method costs a template three times as much."""
    return user.avatar(size)
