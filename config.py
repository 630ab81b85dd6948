"""Settings, read once and strictly from the environment and `.env`; a malformed value stops the start.

The one table of settings is in README.md.
"""
import os
import re
import secrets
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import load_dotenv
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

basedir = Path(__file__).resolve().parent
load_dotenv(basedir / '.env')

INSTANCE = basedir / 'instance'
KEY_FILE = INSTANCE / 'secret_key'
KEY_BYTES = 32
KNOWN_KEYS = {'you-will-never-guess', 'a-really-long-and-unique-key-that-nobody-knows'}
LOOPBACK = ('localhost', '127.0.0.1', '::1')
LANGUAGES = ('en', 'es', 'de', 'fr', 'ar', 'zh')
DRIVERS = ('sqlite', 'postgresql+psycopg', 'mysql+pymysql')

_UNREADABLE = re.compile(r'[\x00-\x1f\x7f\ud800-\udfff]')
_HOST = re.compile(r'[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*', re.I)
_LIMIT = re.compile(r'[1-9][0-9]{0,8} *(/| per ) *([1-9][0-9]{0,2} *)?(second|minute|hour|day|month|year)s?')
_PORT = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'
_SEARCH = rf'https?://([^\s/@,]+@)?([a-z0-9.-]+|\[[0-9a-f:.]+\])(:{_PORT})?(/[\w./-]*)?'
_MAIL = re.compile(r'[^@\s<>]+@[^@\s<>]+')


class SettingError(SystemExit):
    """A setting that the site cannot start with; Python prints the sentence and exits with 1, without a traceback."""

    def __init__(self, sentence: str):
        super().__init__(f'Microblog cannot start: {sentence}')


def text(name: str, default: str = '') -> str:
    """A setting as it stands, or its default when it is missing or empty."""
    value = os.environ.get(name, '').strip() or default
    if _UNREADABLE.search(value):
        raise SettingError(f'{name} must be a single line of text.')
    return value


def number(name: str, default: int, low: int, high: int) -> int:
    """A whole number between two bounds."""
    value = text(name, str(default))
    if not re.fullmatch(r'[0-9]{1,9}', value) or not low <= int(value) <= high:
        raise SettingError(f'{name} is "{value}", but must be a whole number from {low} to {high}.')
    return int(value)


def switch(name: str, default: bool = False) -> bool:
    """A yes or no."""
    value = text(name, 'on' if default else 'off').lower()
    if value in ('1', 'on', 'yes', 'true'):
        return True
    if value in ('0', 'off', 'no', 'false'):
        return False
    raise SettingError(f'{name} is "{value}", but must be "on" or "off".')


def words(name: str, default: str = '') -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(',') if word.strip()]


def choice(name: str, allowed: tuple[str, ...]) -> str:
    """One of a few words; the first is the default."""
    value = text(name, allowed[0])
    if value not in allowed:
        raise SettingError(f'{name} is "{value}", but must be one of: {", ".join(allowed)}.')
    return value


def address(name: str, default: str = '') -> str:
    """A site's address: scheme and host, perhaps a port, and nothing after it."""
    value = text(name, default).rstrip('/').lower()
    try:
        parts = urlsplit(value)
        whole = f'{parts.scheme}://{parts.netloc}' == value and not parts.netloc.endswith(':')
        ok = whole and parts.scheme in ('http', 'https') and is_host(parts.hostname or '') and parts.port != 0
    except ValueError:
        ok = False
    if not ok or '@' in value:
        raise SettingError(f'{name} is "{value}", but must look like https://blog.example.org.')
    return value


def is_host(name: str) -> bool:
    """True for the name or the number of a host, in ASCII (RFC 5891)."""
    return bool(_HOST.fullmatch(name))


def hosts(name: str) -> list[str]:
    """Names of hosts, as requests are compared with them: small letters, no port, no brackets."""
    found = [word.strip('[]').lower() for word in words(name)]
    for host in found:
        if not is_host(host):
            raise SettingError(f'{name} names "{host}", but must list hosts like blog.example.org.')
    return found


def mail_addresses(name: str) -> list[str]:
    """A list of mail addresses."""
    return [mail_address(name, word) for word in words(name)]


def mail_address(name: str, value: str) -> str:
    """A mail address, perhaps with a name: Blog <blog@example.org>."""
    if value and not _MAIL.fullmatch(parseaddr(value)[1]):
        raise SettingError(f'{name} has "{value}", but a mail address looks like blog@example.org.')
    return value


def database(name: str) -> str:
    """A database address; by default a file in the instance folder. It is never repeated: it may hold a password."""
    value = rewrite(text(name, f'sqlite:///{INSTANCE / "app.db"}'))
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in DRIVERS or not (url.database or value == 'sqlite://') or (
            url.drivername == 'sqlite' and url.host):
        raise SettingError(f'{name} must begin with sqlite:///, postgresql:// or mysql:// and name a database.')
    return value


def rewrite(url: str) -> str:
    """A database address with the driver that this site uses in place of what hosts usually give."""
    for given, driver in (('postgres://', 'postgresql+psycopg://'), ('postgresql://', 'postgresql+psycopg://'),
                          ('mysql://', 'mysql+pymysql://'), ('mariadb://', 'mysql+pymysql://')):
        if url.startswith(given):
            return driver + url.removeprefix(given)
    return url


def limit(name: str, default: str) -> str:
    """How often something may be done, as the limits library writes it: 10 per 5 minute; 100 per day."""
    value = text(name, default).lower()
    if not all(_LIMIT.fullmatch(part.strip()) for part in re.split('[,;|]', value)):
        raise SettingError(f'{name} is "{value}", but must look like "10 per 5 minute" or "10/minute; 100/day".')
    return value


def service(name: str, *others: str) -> str:
    """The address of a Redis, or of something else that will do. It is never repeated: it may hold a password."""
    value, kinds = text(name), ('redis://', 'rediss://', *others)
    if value and not value.startswith(kinds):
        raise SettingError(f'{name} must begin with {" or ".join(kinds)}.')
    return value


def like(name: str, default: str, pattern: str, sample: str) -> str:
    """A text of one form. It is never repeated: it may hold a password."""
    value = text(name, default)
    if value and not re.fullmatch(pattern, value, re.I):
        raise SettingError(f'{name} must look like {sample}.')
    return value


def languages(name: str) -> list[str]:
    """The languages to offer, of those that the site speaks."""
    chosen = words(name, ','.join(LANGUAGES))
    unknown = [code for code in chosen if code not in LANGUAGES]
    if unknown or not chosen:
        raise SettingError(f'{name} names "{"".join(unknown[:1])}", but the site speaks: {", ".join(LANGUAGES)}.')
    return chosen


def is_local(site_url: str) -> bool:
    """True for a site that only this machine can reach; every other one is in production."""
    return urlsplit(site_url).hostname in LOOPBACK


def secret_key(local: bool) -> str:
    """The key from the environment or from the instance folder, where one is made for a site on this machine."""
    key = text('SECRET_KEY')
    if key:
        return key
    if local and not KEY_FILE.exists():
        make_key_file()
    return _read_key_file() if KEY_FILE.exists() else ''


def derive(settings: dict) -> None:
    """Set what follows from other settings, and refuse what must not run; SettingError says why."""
    site = urlsplit(settings['SITE_URL'])
    local = is_local(settings['SITE_URL'])
    settings['SECRET_KEY'] = settings['SECRET_KEY'] or secret_key(local)  # `./boot.sh` may have made it since
    check_secret_key(settings['SECRET_KEY'], local)
    for key in settings.get('SECRET_KEY_FALLBACKS') or []:
        check_secret_key(key, local, 'SECRET_KEY_FALLBACKS')  # what it signed is believed as well
    https = site.scheme == 'https'
    settings['SQLALCHEMY_DATABASE_URI'] = rewrite(settings['SQLALCHEMY_DATABASE_URI'])
    settings['RATELIMIT_STORAGE_URI'] = (
        settings['RATELIMIT_STORAGE_URI'] or settings['REDIS_URL'] or settings['SQLALCHEMY_DATABASE_URI'])
    settings['HTTPS'] = https
    settings['HOSTS'] = {*(LOOPBACK if local else {site.hostname}), *settings['EXTRA_HOSTS']}
    settings['SESSION_COOKIE_SECURE'] = https
    settings['SESSION_COOKIE_NAME'] = '__Host-session' if https else 'session'
    settings['MAIL_DEFAULT_SENDER'] = settings['MAIL_DEFAULT_SENDER'] or next(
        iter(settings['ADMINS']), f'no-reply@{site.hostname}')


def check_secret_key(key: str, local: bool, name: str = 'SECRET_KEY') -> None:
    """Refuse a missing key, and in production a short or known one."""
    if not key:
        raise SettingError(f'{name} is missing; set it, or let ./boot.sh make {KEY_FILE}.')
    repeats = key in (key * 2)[1:-1]  # of a shorter one
    if not local and (len(key) < KEY_BYTES or key.lower() in KNOWN_KEYS or len(set(key)) < 8 or repeats):
        raise SettingError(f'{name} must be a random secret of at least {KEY_BYTES} bytes.')


def _read_key_file() -> str:
    try:
        return KEY_FILE.read_text(encoding='ascii').strip()
    except OSError as error:
        raise SettingError(f'the secret key in {KEY_FILE} cannot be read ({error.strerror}).') from error
    except UnicodeDecodeError as error:
        raise SettingError(f'the secret key in {KEY_FILE} cannot be read (it is not ASCII).') from error


def make_key_file() -> None:
    """Write a new key that only the owner may read; when two processes try at once, the first one wins."""
    try:
        INSTANCE.mkdir(exist_ok=True)
        draft = KEY_FILE.with_name(f'.secret_key.{secrets.token_hex(4)}')
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as file:
            file.write(secrets.token_hex(KEY_BYTES) + '\n')
        try:
            os.link(draft, KEY_FILE)
        except FileExistsError:
            return
        finally:
            draft.unlink()
    except OSError as error:
        raise SettingError(f'the secret key cannot be written to {KEY_FILE} ({error.strerror}).') from error


class Config:
    """The settings of a running site; tests derive their own."""

    PORT = number('PORT', 5000, 1, 65535)
    SITE_URL = address('SITE_URL', f'http://localhost:{PORT}')
    EXTRA_HOSTS = hosts('TRUSTED_HOSTS')
    TRUSTED_PROXIES = number('TRUSTED_PROXIES', 0, 0, 10)
    SECRET_KEY = secret_key(is_local(SITE_URL))
    SECRET_KEY_FALLBACKS = words('SECRET_KEY_FALLBACKS')
    SITE_CLOSED = switch('SITE_CLOSED')
    REGISTRATION = choice('REGISTRATION', ('open', 'closed'))
    GRAVATAR = switch('GRAVATAR')

    SQLALCHEMY_DATABASE_URI = database('DATABASE_URL')
    REDIS_URL = service('REDIS_URL')
    CELERY_BROKER_URL = service('CELERY_BROKER_URL', 'amqp://', 'amqps://')
    ELASTICSEARCH_URL = like('ELASTICSEARCH_URL', '', f'{_SEARCH}( *, *{_SEARCH})*', 'http://localhost:9200')
    ELASTICSEARCH_INDEX = like('ELASTICSEARCH_INDEX', 'microblog', '(?-i:[a-z0-9][a-z0-9_-]{0,99})', 'my-blog')

    RATELIMIT_ENABLED = switch('RATELIMIT_ENABLED', True)
    RATELIMIT_STORAGE_URI = service('RATELIMIT_STORAGE_URI', 'memory://')
    LIMIT_LOGIN = limit('LIMIT_LOGIN', '10 per 5 minute')
    LIMIT_LOGIN_ALL = limit('LIMIT_LOGIN_ALL', '1000 per 5 minute')
    LIMIT_RESET = limit('LIMIT_RESET', '5 per day')
    LIMIT_RESET_ALL = limit('LIMIT_RESET_ALL', '1000 per day')
    LIMIT_REGISTER = limit('LIMIT_REGISTER', '10 per hour')
    LIMIT_REGISTER_ALL = limit('LIMIT_REGISTER_ALL', '500 per hour')
    LIMIT_POST = limit('LIMIT_POST', '30 per minute')
    LIMIT_MESSAGE = limit('LIMIT_MESSAGE', '30 per minute; 1000 per day')
    LIMIT_WRITE = limit('LIMIT_WRITE', '300 per minute')

    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = 'Lax'
    PERMANENT_SESSION_LIFETIME = timedelta(days=30)
    SESSION_REFRESH_EACH_REQUEST = False  # `auth/sessions.py` does it now and then, never with a public answer
    WTF_CSRF_TIME_LIMIT = None  # as long as the session: a page may stay open for days
    WTF_CSRF_SSL_STRICT = False  # the Referer is withheld by our own policy; the token decides
    MAX_FORM_MEMORY_SIZE = MAX_CONTENT_LENGTH = number('MAX_CONTENT_LENGTH', 1024 * 1024, 10_000, 100_000_000)
    SEND_FILE_MAX_AGE_DEFAULT = 3600
    MAIL_SERVER = text('MAIL_SERVER')
    MAIL_PORT = number('MAIL_PORT', 25, 1, 65535)
    MAIL_USE_TLS = switch('MAIL_USE_TLS')
    MAIL_USERNAME, MAIL_PASSWORD = text('MAIL_USERNAME') or None, text('MAIL_PASSWORD') or None
    ADMINS = mail_addresses('ADMINS')
    MAIL_DEFAULT_SENDER = mail_address('MAIL_DEFAULT_SENDER', text('MAIL_DEFAULT_SENDER')) or None
    TASK_THREADS = number('TASK_THREADS', 2, 0, 32)

    LANGUAGES = languages('LANGUAGES')
    POSTS_PER_PAGE = number('POSTS_PER_PAGE', 25, 1, 100)
    LOG_TO_STDOUT = switch('LOG_TO_STDOUT')
    METRICS_TOKEN = like('METRICS_TOKEN', '', '[!-~]{16,}', 'a random word of 16 letters or more')
    LOG_FORMAT = choice('LOG_FORMAT', ('text', 'json'))
    LOG_FOLDER = text('LOG_FOLDER', str(basedir / 'logs'))
    BOOTSTRAP_SERVE_LOCAL = True
