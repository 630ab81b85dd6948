"""What every request passes before a view sees it, and the headers that every answer carries."""
import re
import secrets
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, abort, current_app, g, request, session
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.database import was_broken_off
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
SAFE_METHODS = ('GET', 'HEAD', 'OPTIONS', 'TRACE')
YEAR = 365 * 24 * 3600
HOST = re.compile(r'(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[0-9]{0,5})?', re.I)


class Application(Flask):
    """Flask, except that an act which the database broke off runs once more."""

    def dispatch_request(self, *args):
        """Run the view; after a deadlock or a serialisation failure a second time, from the beginning."""
        as_it_came = dict(session) if request.method == 'POST' else None
        try:
            return super().dispatch_request(*args)
        except DBAPIError as error:
            if not was_broken_off(error):
                raise
            current_app.logger.warning('The database broke an act off; it runs once more: %s', error.orig)
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
    app.before_request(check_origin)
    app.before_request(check_bytes)
    app.after_request(add_headers)


def number_request() -> None:
    """Give the request the number that its log lines and its error page show."""
    g.request_id = '-'.join(secrets.token_hex(6).upper()[i:i + 4] for i in (0, 4, 8))


def check_host() -> None:
    """Refuse a foreign host, as Flask itself does with a malformed one."""
    host = HOST.fullmatch(request.environ.get('HTTP_HOST', 'localhost'))
    if not host or host[1].strip('[]').lower() not in current_app.config['HOSTS']:
        raise SecurityError


def check_origin() -> Response | None:
    """Answer the form of another site with a plain 400.

    Browsers send it without our cookie: a page with a token would replace the session of whoever is logged in, and
    offer them a stranger's words to send.
    """
    if request.method in SAFE_METHODS or not is_foreign(request.headers.get('Origin', '')):
        return None
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
            unquote_to_bytes(request.get_data(cache=True)).decode()
    except UnicodeDecodeError:
        abort(400)
    parts = [part for pair in request.form.items(multi=True) for part in pair]
    if '\0' in sent or any(part is None or '\0' in part for part in parts):
        abort(400)  # None: a part of a multipart form without a name
    if request.mimetype == 'multipart/form-data' and any('\ufffd' in part for part in parts):
        abort(400)  # what the parser makes of broken bytes; no form of ours is sent this way


def add_headers(response: Response) -> Response:
    """Add what every answer carries; what a logged-in person sees is kept by no cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers['X-Request-ID'] = g.get('request_id', '-')
    if current_app.config['HTTPS']:
        response.headers['Strict-Transport-Security'] = f'max-age={YEAR}; includeSubDomains'
    if 'Cache-Control' not in response.headers:
        response.headers['Cache-Control'] = 'no-store'
    if request.endpoint in ('static', 'bootstrap.static') and request.args.get('v') and response.status_code == 200:
        response.headers['Cache-Control'] = f'public, max-age={YEAR}, immutable'
    return response
