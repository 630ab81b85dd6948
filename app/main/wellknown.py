"""What programs look for at fixed addresses: whom to tell of a hole, what not to crawl, how to install the site."""
import json
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import quote

from flask import Response, abort, current_app, url_for

from app import words
from app.assets import asset
from app.main import bp
from app.models import utcnow

GOOD_FOR = timedelta(days=180)
ICON_FOR = timedelta(days=7)
NOT_CRAWLED = ('/admin/', '/auth/', '/settings', '/search', '/edit_profile', '/post/new', '/messages',
               '/send_message', '/notifications', '/likes')


@bp.route('/.well-known/security.txt')
def security_txt():
    """Whom to tell of a security hole (RFC 9116); a site without admins has nobody to name."""
    contacts = [quote(parseaddr(admin)[1], safe='@+') for admin in current_app.config['ADMINS']]
    if not contacts:
        abort(404)
    until = (utcnow() + GOOD_FOR).replace(hour=0, minute=0, second=0)
    lines = [*(f'Contact: mailto:{contact}' for contact in contacts), f'Expires: {until:%Y-%m-%dT%H:%M:%SZ}',
             f'Preferred-Languages: {", ".join(current_app.config["LANGUAGES"])}',
             f'Canonical: {current_app.config["SITE_URL"]}{url_for("main.security_txt")}']
    return text(lines)


@bp.route('/robots.txt')
def robots():
    """What search engines need not look at (RFC 9309); on a closed site that is everything."""
    paths = ('/',) if current_app.config['SITE_CLOSED'] else NOT_CRAWLED
    allowed = [] if current_app.config['SITE_CLOSED'] else ['Allow: /auth/login$']
    return text(['User-agent: *', *allowed, *(f'Disallow: {path}' for path in paths)])


@bp.route('/favicon.ico')
def favicon():
    """The icon for browsers that show something without a page around it, like a feed or a picture."""
    response = current_app.send_static_file('favicon.ico')
    response.headers['Cache-Control'] = f'public, max-age={ICON_FOR // timedelta(seconds=1)}'
    return response


@bp.route('/manifest.webmanifest')
def manifest():
    """What a browser that keeps the site as an app calls it (https://www.w3.org/TR/appmanifest/)."""
    name = words.current().name
    icons = [{'src': asset('icon.svg'), 'sizes': 'any', 'type': 'image/svg+xml'},
             {'src': asset('icon-512.png'), 'sizes': '512x512', 'type': 'image/png', 'purpose': 'maskable'}]
    content = {'name': name, 'short_name': name, 'id': '/', 'start_url': '/', 'display': 'minimal-ui',
               'background_color': '#fdfdfc', 'theme_color': '#0e6a51', 'icons': icons}
    return Response(json.dumps(content, ensure_ascii=False), content_type='application/manifest+json',
                    headers={'Cache-Control': 'no-cache'})


def text(lines: list[str]) -> Response:
    """A file of plain lines."""
    return Response('\n'.join(lines) + '\n', content_type='text/plain; charset=utf-8')
