"""What works beside the pages: tasks, mail, search, counts of limits, the broker, and the way in from outside."""
import json
import urllib.error
import urllib.request
from collections.abc import Iterator

from flask import current_app

import config
from app import email, postbox, search, words
from app.doctor.finding import FAULT, FINE, NOTE, Finding, fault, fine, note
from app.queries import site

BEHIND_SECONDS = 120
SECONDS = 5
STRANGER = '192.0.2.99'  # nobody has it (RFC 5737)


def check_tasks() -> Iterator[Finding]:
    """Whether the work in the background is done."""
    age, errors = site.backlog()
    numbers = site.numbers()
    if age > BEHIND_SECONDS:
        yield fault('tasks', f'One has waited for {age:.0f} s: nobody does them. Does the site run, or where '
                             'TASK_THREADS is 0, "flask tasks run" or a worker of Celery?')
    else:
        yield fine('tasks', f'{numbers.waiting} wait, {numbers.running} run')
    if numbers.failed:
        yield note('tasks', f'{numbers.failed} were given up in the last week: "flask tasks list --state failed" says '
                            'why, "flask tasks retry --failed" tries again')
    if errors:
        yield note('tasks', f'{len(errors)} will be tried again; the last said: {errors[0][:100]}')


def check_mail() -> Iterator[Finding]:
    """Whether the mail server lets us in; nothing is sent."""
    if not email.is_configured():
        return
    server = f'{current_app.config["MAIL_SERVER"]}:{current_app.config["MAIL_PORT"]}'
    try:
        with postbox.line(current_app.extensions['mail']):
            yield fine('mail', f'{server} lets us in')
    except postbox.MailAway as error:
        yield fault('mail', f'{server}: {error}. Look at MAIL_SERVER, MAIL_PORT, MAIL_USE_TLS and the account.')


def send_test_letter(address: str) -> Finding:
    """Send a letter now."""
    if not email.is_configured():
        return fault('mail', f'No letter was sent to {address}: MAIL_SERVER is not set.')
    try:
        email.deliver(f'{words.current().name}: a test', current_app.config['MAIL_DEFAULT_SENDER'], [address],
                      'This letter was asked for with "flask doctor --mail". Mail works.\n', None)
    except (email.GiveUp, OSError) as error:
        return fault('mail', f'A letter to {address} could not be sent: {error}')
    return fine('mail', f'a letter to {address} is on its way; it should be there within a minute')


def check_search() -> Iterator[Finding]:
    """How search is."""
    says = {'ok': (FINE, 'it finds every post'), 'filling': (NOTE, 'it is being filled, and finds the newest posts'),
            'down': (FAULT, 'It does not answer. Look at ELASTICSEARCH_URL, or run "flask search status".')}
    level, words = says.get(search.state(), (NOTE, search.state()))
    yield Finding(level, 'search', words)


def check_limits() -> Iterator[Finding]:
    """Whether limits are counted where the settings say."""
    address = current_app.config['RATELIMIT_STORAGE_URI']
    if not address.startswith('redis'):
        return
    import redis  # here, because sites without it need not load it

    try:
        with redis.Redis.from_url(address, socket_connect_timeout=SECONDS, socket_timeout=SECONDS) as server:
            server.ping()
        yield fine('limits', 'Redis counts them')
    except redis.RedisError as error:
        yield fault('limits', f'Redis does not answer ({type(error).__name__}); each process counts for itself '
                              'meanwhile. Look at REDIS_URL.')


def check_broker() -> Iterator[Finding]:
    """Whether Celery's broker answers."""
    if not current_app.config['CELERY_BROKER_URL']:
        return
    from app.tasks import broker  # here: Celery takes a third of a second to load

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        with broker.celery_of(app).connection_for_write(connect_timeout=SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=SECONDS)
        yield fine('broker', 'it answers')
    except (OSError, broker.KombuError) as error:
        yield fault('broker', f'It does not answer ({type(error).__name__}). Look at CELERY_BROKER_URL; work waits in '
                              'the database meanwhile.')


def check_site() -> Iterator[Finding]:
    """Ask the site itself, by the address that people use, who it thinks is asking; as a liar would."""
    url = current_app.config['SITE_URL']
    claims = {'X-Forwarded-For': STRANGER, 'X-Forwarded-Proto': 'http' if url.startswith('https') else 'https'}
    try:
        asked = urllib.request.Request(f'{url}/healthz', headers=claims)  # noqa: S310 http or https, by config.py
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310  # nosec B310
            said = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError) as error:
        level = NOTE if config.is_local(url) else FAULT
        yield Finding(level, 'site', f'{url} does not answer ({getattr(error, "reason", error)}). Does the site run?')
        return
    yield from _judge(said, url)


def _judge(said: dict, url: str) -> Iterator[Finding]:
    """What the site thinks of a request that lied about itself."""
    if said.get('address') == STRANGER:
        yield fault('site', f'{url} believes everybody who says where they come from: let the web server in front '
                            'replace X-Forwarded-For, as deploy/nginx.conf does, or lower TRUSTED_PROXIES.')
    elif said.get('secure') != url.startswith('https'):
        yield fault('site', f'{url} cannot tell whether it was asked with TLS: let the web server in front set '
                            'X-Forwarded-Proto, and set TRUSTED_PROXIES=1.')
    else:
        yield fine('site', f'{url} answers, and knows who is asking ({said.get("address")})')

