"""What every request passes before a view sees it, and the headers that every answer carries."""
import re
import secrets
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, abort, current_app, g, request, session
from flask.templating import Environment
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import RequestEntityTooLarge, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from app import events
from app.assets import is_current
from app.database import was_broken_off
from app.exceptions import Interrupted
from app.extensions import db

CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
       "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
HEADERS = {
    'Content-Security-Policy': CSP,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}
ANY_HOST = ('admin.healthz', 'admin.readyz', 'admin.figures')  # they build no address, and tell nothing of anybody
STATIC = ('static', 'bootstrap.static')
MOST_FIELDS = 1000  # of a form, as Werkzeug has it for parts: a megabyte of names would take two seconds to read
SAFE_METHODS = ('GET', 'HEAD', 'OPTIONS', 'TRACE')
YEAR = 365 * 24 * 3600
HSTS = {'Strict-Transport-Security': f'max-age={YEAR}; includeSubDomains'}
TARGET = re.compile(r'^[a-z][a-z0-9+.-]*://([^/?#]*)', re.I)  # a target may name a host, too (RFC 9112, 3.2.2)
HOST = re.compile(r'(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[0-9]{0,5})?', re.I)


class Templates(Environment):
    """Flask's templates, whose globals are one dictionary: an overlay for each costs every import and include."""

    def make_globals(self, d):
        """The globals of a template."""
        return super().make_globals(d) if d else self.globals


class Application(Flask):
    """Flask, except that an act which the database broke off, or which says so itself, runs once more."""

    jinja_environment = Templates

    def dispatch_request(self, *args):
        """Run the view; after a deadlock or a serialisation failure a second time, from the beginning."""
        as_it_came = dict(session) if request.method == 'POST' else None
        try:
            return super().dispatch_request(*args)
        except (DBAPIError, Interrupted) as error:
            if isinstance(error, DBAPIError) and not was_broken_off(error):
                raise
            reason = error.__cause__ if isinstance(error, Interrupted) else error
            current_app.logger.warning('An act was broken off; it runs once more: %s', getattr(reason, 'orig', reason))
            db.session.rollback()
            if as_it_came is not None:
                session.clear()
                session.update(as_it_came)
            g.pop('_login_user', None)
            return super().dispatch_request(*args)

    def log_exception(self, exc_info) -> None:
        """Leave the log to `errors/handlers.py`, which speaks once and keeps the secret of a signed link."""


def init_app(app: Flask) -> None:
    """Put the checks before, and the headers after, every request."""
    hops = app.config['TRUSTED_PROXIES']
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.before_request(number_request)
    app.before_request(check_host)
    app.before_request(check_length)
    app.before_request(check_origin)
    app.before_request(check_bytes)
    app.after_request(add_headers)


def number_request() -> None:
    """Give the request the number that its log lines and its error page show, and say where its events come from."""
    number = secrets.token_hex(6).upper()
    g.request_id = '-'.join(number[i:i + 4] for i in (0, 4, 8))
    events.come_from(request.remote_addr or '', request.user_agent.string, g.request_id)


def check_host() -> None:
    """Refuse a foreign host, as Flask itself does with a malformed one."""
    if request.endpoint in ANY_HOST:
        return
    named = [request.environ.get('HTTP_HOST', 'localhost'), *TARGET.findall(request.environ.get('RAW_URI', ''))]
    hosts = [HOST.fullmatch(name) for name in named]
    if any(not host or host[1].strip('[]').lower() not in current_app.config['HOSTS'] for host in hosts):
        raise SecurityError


def check_length() -> None:
    """Refuse a body that is too large whether or not anything would read it."""
    if (request.content_length or 0) > current_app.config['MAX_CONTENT_LENGTH']:
        raise RequestEntityTooLarge


def check_origin() -> Response | None:
    """Answer the form of another site with a plain 400.

    Browsers send it without our cookie: a page with a token would replace the session of whoever is logged in, and
    offer them a stranger's words to send.
    """
    if request.method in SAFE_METHODS or not is_foreign(request.headers.get('Origin', '')):
        return None
    events.log_now('origin_refused', origin=request.headers.get('Origin', ''))
    return Response('Forms of other sites are not taken here. The operator sets the address with SITE_URL.\n', 400,
                    mimetype='text/plain')


def is_foreign(origin: str) -> bool:
    """True for what a browser says was sent by another site; "null" (a privacy setting) names none."""
    if request.headers.get('Sec-Fetch-Site') == 'cross-site':
        return True
    if origin in ('', 'null'):
        return False
    try:
        own = {urlsplit(address).hostname for address in (request.host_url, current_app.config['SITE_URL'])}
        return urlsplit(origin).hostname not in own - {None}
    except ValueError:
        return True


def check_bytes() -> None:
    """Refuse NUL and broken UTF-8 in path, query and form: no database and no page could keep them."""
    path = request.environ.get('PATH_INFO', '').encode('latin-1')
    try:
        sent = path.decode() + unquote_to_bytes(request.query_string).decode()
        if request.mimetype == 'application/x-www-form-urlencoded':  # the parser lets broken bytes stand as "%FF"
            form = request.get_data(cache=True)
            if form.count(b'&') >= MOST_FIELDS:
                raise RequestEntityTooLarge
            unquote_to_bytes(form).decode()
    except UnicodeDecodeError:
        request.query_string = b''  # the page that says so could not repeat it
        abort(400)
    parts = [part for pair in request.form.items(multi=True) for part in pair]
    if '\0' in sent or any(part is None or '\0' in part for part in parts):
        abort(400)  # None: a part of a multipart form without a name
    if request.mimetype == 'multipart/form-data' and any('\ufffd' in part for part in parts):
        abort(400)  # what the parser makes of broken bytes; no form of ours is sent this way


def add_headers(response: Response) -> Response:
    """Add what every answer carries; what a logged-in person sees is kept by no cache."""
    for name, value in security_headers(current_app.config['HTTPS']).items():
        response.headers.setdefault(name, value)
    response.headers['X-Request-ID'] = g.get('request_id', '-')
    if 'Cache-Control' not in response.headers:
        response.headers['Cache-Control'] = 'no-store'
    if request.endpoint in STATIC and response.status_code in (200, 206, 304) and 'v' in request.args:
        good = is_current(request.endpoint, (request.view_args or {}).get('filename', ''), request.args['v'])
        response.headers['Cache-Control'] = f'public, max-age={YEAR}, immutable' if good else 'no-cache'
    return response


def security_headers(https: bool) -> dict[str, str]:
    """What every answer carries, whoever gives it: with TLS also the word that there is no other way here."""
    return {**HEADERS, **HSTS} if https else HEADERS
