"""What is found once for each page that is rendered, since a page asks for it at every string, time and address."""
from contextvars import ContextVar
from datetime import date, datetime
from functools import cached_property

import flask
from babel import Locale
from babel.dates import get_timezone
from flask import request, url_for
from flask_babel import get_domain, get_locale
from flask_babel import get_timezone as reader_timezone
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app import assets
from app.models import Post, utcnow
from app.text.links import Places


class Rendering:
    """The language and the zone that a page speaks, and how its most frequent addresses begin."""

    def __init__(self) -> None:
        self.locale = get_locale() or Locale('en')
        self.language = str(self.locale)
        self.zone = get_timezone(reader_timezone())
        self.catalogue = get_domain().get_translations()
        self.assets: dict[str, str] = {}

    @cached_property
    def post_address(self) -> str:
        return _beginning('posts.show', id='0')

    @cached_property
    def places(self) -> Places:
        return Places(_beginning('main.tag', name='0'), self.user_address)

    @cached_property
    def user_address(self) -> str:
        return _beginning('main.user', username='0')

    @cached_property
    def now(self) -> datetime:
        """When the page was begun."""
        return utcnow()

    @cached_property
    def today(self) -> date:
        """The day of its zone."""
        return self.now.astimezone(self.zone).date()


_current: ContextVar[Rendering | None] = ContextVar('rendering', default=None)  # `g` is three times as slow
_places: dict[tuple[str, str], str] = {}
_beginnings: dict[tuple[str, str], str] = {}


def begin() -> Rendering:
    """Find everything anew: the page that is rendered now may be a letter in another language than the last."""
    page = Rendering()
    _current.set(page)
    return page


def current() -> Rendering:
    """What was found for the page that is being rendered."""
    return _current.get() or begin()


def end(error: BaseException | None = None) -> None:
    """Forget it with the request."""
    _current.set(None)


def asset(filename: str) -> str:
    """The address of a static file of our own; a page names the icons' dozens of times."""
    known = current().assets
    return known.get(filename) or known.setdefault(filename, assets.asset(filename))


def place_url(endpoint: str, **values) -> str:
    """Flask's `url_for`; what has no values is built once, since each page names the same twenty places."""
    if values or not flask.has_request_context():
        return url_for(endpoint, **values)
    key = request.script_root, endpoint
    return _places.get(key) or _places.setdefault(key, url_for(endpoint))


def _beginning(endpoint: str, **last) -> str:
    """How the addresses of a kind begin, in whose place the last part is "0"; built once, as in `place_url`."""
    if not flask.has_request_context():
        return url_for(endpoint, **last).removesuffix('0')
    key = request.script_root, endpoint
    return _beginnings.get(key) or _beginnings.setdefault(key, url_for(endpoint, **last).removesuffix('0'))


def post_url(id: int) -> str:
    """The address of a post: `url_for`, at a tenth of its price."""
    return f'{current().post_address}{id}'


def user_url(username: str) -> str:
    """The address of a profile; a username has no character that an address would have to escape."""
    return current().user_address + username


def places(post: Post) -> Places:
    """Where the names and tags in a post lead; whom it names, `queries.engagement` has noted at it."""
    known = current().places
    return Places(known.tags, known.people, post.people) if post.people else known


@pass_eval_context
def gettext(context: EvalContext, text: str, **variables) -> str:
    """A string of a template in the page's language; its variables are escaped where the template is HTML."""
    return _filled(context, current().catalogue.ugettext(text), variables)


@pass_eval_context
def ngettext(context: EvalContext, singular: str, plural: str, num: int, **variables) -> str:
    """The form of a string that goes with a number, which it may name `%(num)s`."""
    return _filled(context, current().catalogue.ungettext(singular, plural, num), {'num': num} | variables)


@pass_eval_context
def pgettext(context: EvalContext, meaning: str, text: str, **variables) -> str:
    """A string that has several meanings, in one of them."""
    return _filled(context, current().catalogue.upgettext(meaning, text), variables)


def _filled(context: EvalContext, text: str, variables: dict) -> str:
    said = Markup(text) if context.autoescape else text  # noqa: S704 our own words  # nosec B704
    return said % variables if variables or '%' in text else said
