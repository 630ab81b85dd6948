"""Settings that are allowed, and still not what a site needs."""
from collections.abc import Iterator

from flask import current_app

import config
from app.doctor.finding import Finding, fault, fine, note


def check() -> Iterator[Finding]:
    """What the settings come to."""
    settings = current_app.config
    yield from _check_address(settings['SITE_URL'], settings['TRUSTED_PROXIES'])
    yield from _check_key(settings['SECRET_KEY'])
    if not settings['MAIL_SERVER']:
        yield note('mail', 'Mail is not set up: addresses are not confirmed, and a lost password is set with '
                           '"flask user password". MAIL_SERVER turns it on.')
    if not settings['ADMINS']:
        yield note('settings', 'Nobody is told of errors by mail; ADMINS names who should be.')
    if not settings['RATELIMIT_ENABLED']:
        yield fault('settings', 'Passwords can be guessed without limit; take RATELIMIT_ENABLED=off away.')


def _check_address(url: str, proxies: int) -> Iterator[Finding]:
    if config.is_local(url):
        yield note('address', f'The site is {url}, which only this machine can reach; set SITE_URL to the address '
                              'that people use.')
    elif not url.startswith('https:'):
        yield fault('address', f'{url} has no TLS: whoever is on the way can read passwords. Let nginx speak https '
                               '(docs/deploy.md) and set SITE_URL to https://...')
    elif not proxies:
        yield fault('address', 'TRUSTED_PROXIES is 0, but somebody in front has to speak TLS for this site: all people '
                               'seem to come from one address, and share its limits. Set it to 1.')
    else:
        yield fine('address', f'{url}, behind {proxies} proxy or proxies that are believed')


def _check_key(key: str) -> Iterator[Finding]:
    if len(key) < config.KEY_BYTES:
        yield note('key', f'SECRET_KEY has fewer than {config.KEY_BYTES} characters, which is not enough in public.')
    else:
        yield fine('key', 'SECRET_KEY is long enough')
