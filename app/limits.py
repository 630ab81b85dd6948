"""How often somebody may do something. Each form counts before anything is done for it; reading costs nothing.

`app/counts/rates.py` reads the words of the `limits` library, which comes with Redis only. Flask-Limiter,
which brings it into Flask, would cost each page that is read up to 0.1 ms, and its spare counts in memory lose hits.
"""
import hashlib
import hmac
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from threading import Lock
from time import time

from flask import Flask, current_app, g, request
from flask_login import current_user

from app import browsers, events
from app.exceptions import TooMany
from app.guard import SAFE_METHODS
from app.models import User, email_key, username_key
from app.queries.people import id_of_login, login_name
from app.signing import keys

SETTINGS = ('LIMIT_LOGIN', 'LIMIT_LOGIN_ALL', 'LIMIT_RESET', 'LIMIT_RESET_ALL', 'LIMIT_REGISTER', 'LIMIT_REGISTER_ALL',
            'LIMIT_POST', 'LIMIT_MESSAGE', 'LIMIT_WRITE')
SECONDS = 1  # a form waits no longer to be counted

_making = Lock()


def init_app(app: Flask) -> None:
    """Count every form, unless the operator has switched that off."""
    if app.config['RATELIMIT_ENABLED']:
        app.before_request(count_form)


def count_form() -> None:
    """Count a form before its view sees it; TooMany when it is one too many."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    if request.endpoint not in POSTS:
        take('form', 'LIMIT_WRITE', _whose())
    if request.endpoint in OWN:
        OWN[request.endpoint]()


def take(limit: str, setting: str, *whose: object, returnable: bool = False) -> None:
    """Count a hit on a limit; TooMany, with the seconds to wait, when there is no room for it."""
    storage, items = _counting()
    for item in items[setting]:
        bucket = item.key_for(limit, _hidden(*whose))
        hits = storage.incr(bucket, item.get_expiry())
        if hits > item.amount:
            if hits == item.amount + 1:  # the first of perhaps many
                events.log_now('limit_reached', _person(), limit=limit)
            raise TooMany(max(1, ceil(storage.get_expiry(bucket) - time())))
        if returnable:
            g.setdefault('returnable_hits', []).append((bucket, item.get_expiry()))


def give_back() -> None:
    """Take back what the request was counted for as a guess of a password: it was none."""
    for bucket, seconds in g.pop('returnable_hits', []):
        _counting()[0].incr(bucket, seconds, -1)


def client_address() -> str:
    """The address that asks, as far as trusted proxies tell; of IPv6 the /64 network, which is one customer's."""
    text = request.remote_addr or ''
    if text.count(':') == 1 or text.startswith('['):  # some proxies add the port
        text = text.rpartition(':')[0].strip('[]')
    try:
        address = ip_address(text)
    except ValueError:
        return 'unknown'
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)


def _login() -> None:
    """A guess, unless the password is right.

    Name and address of an account count together, and a name that nobody has counts like others. A browser in which
    the account's owner has logged in before counts by itself: the owner gets in whoever guesses meanwhile.
    """
    login = login_name(request.form.get('username', ''))
    user_id = id_of_login(login)
    browser = browsers.known_to(user_id)
    if browser is not None:
        return take('login browser', 'LIMIT_LOGIN', browser, user_id, returnable=True)
    name = email_key(login) if '@' in login else username_key(login)
    take('login address', 'LIMIT_LOGIN', client_address(), returnable=True)
    take('login account', 'LIMIT_LOGIN', *(['name', name] if user_id is None else ['id', user_id]), returnable=True)
    take('login all', 'LIMIT_LOGIN_ALL', returnable=True)


def _password() -> None:
    """A guess by somebody who has found a browser open."""
    if request.form.get('current_password') or request.form.get('password'):
        take('password', 'LIMIT_LOGIN', _whose(), returnable=True)


def _email() -> None:
    """A letter to whatever address was typed: nobody floods another's mailbox."""
    _password()
    take('new mail account', 'LIMIT_REGISTER', _whose())
    take('new mail', 'LIMIT_REGISTER', _mail_address())


def _register() -> None:
    take('register address', 'LIMIT_REGISTER', client_address())
    take('new mail', 'LIMIT_REGISTER', _mail_address())
    take('register all', 'LIMIT_REGISTER_ALL')


def _reset() -> None:
    take('reset address', 'LIMIT_RESET', client_address())
    take('reset mail', 'LIMIT_RESET', _mail_address())
    take('reset all', 'LIMIT_RESET_ALL')


def _post() -> None:
    take('post', 'LIMIT_POST', _whose())


def _message() -> None:
    take('message', 'LIMIT_MESSAGE', _whose())


# Forms that have a limit of their own in place of the one for all forms.
POSTS = ('main.index', 'main.welcome_post', 'posts.new', 'posts.reply')
# Forms that have limits of their own besides that one.
OWN = {
    'auth.login': _login, 'auth.register': _register, 'auth.reset_password_request': _reset,
    'main.index': _post, 'main.welcome_post': _post, 'posts.new': _post, 'posts.reply': _post,
    'messages.send_message': _message, 'messages.new': _message,
    'main.edit_profile': _password, 'settings.password': _password, 'settings.email': _email,
    'settings.delete_account': _password, 'exports.index': _password, 'exports.download': _password,
    'admin.proof': _password,
}


def _counting() -> tuple:
    """The storage, and the limits of each setting; made when the first form comes."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with _making:
        if 'limits' not in app.extensions:
            app.extensions['limits'] = _make(app)
    return app.extensions['limits']


def _make(app: Flask) -> tuple:
    from app.counts import rates
    from app.counts.steady import SteadyCounts

    storage = SteadyCounts(app.config['RATELIMIT_STORAGE_URI'], app.logger,
                           app.config.get('RATELIMIT_STORAGE_SECONDS', SECONDS))
    return storage, {name: rates.parse(app.config[name]) for name in SETTINGS}


def _person() -> User | None:
    return current_user._get_current_object() if current_user.is_authenticated else None


def _whose() -> str:
    """The account that sends the form, or a visitor's address: people who must log in again do not count together."""
    person = _person()
    return f'id {person.id}' if person is not None else client_address()


def _mail_address() -> str:
    return email_key(login_name(request.form.get('email', '')))


def _hidden(*whose: object) -> str:
    """A keyed hash: a list of buckets tells nobody who was here."""
    key = keys(current_app.config, 'limits')[0]
    return hmac.new(key, '\n'.join(map(str, whose)).encode('utf-8', 'surrogatepass'), hashlib.sha256).hexdigest()[:40]
