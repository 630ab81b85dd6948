"""Keys for everything that is signed: one for each purpose, all derived from SECRET_KEY, so that none opens another."""
import hashlib
import hmac
from collections.abc import Mapping

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


def keys(settings: Mapping, purpose: str) -> list[bytes]:
    """The keys of a purpose: the one to sign with first, then those of SECRET_KEY_FALLBACKS."""
    secrets = [settings['SECRET_KEY'], *(settings.get('SECRET_KEY_FALLBACKS') or [])]
    raw = (secret if isinstance(secret, bytes) else secret.encode() for secret in secrets)
    return [hmac.new(secret, b'microblog ' + purpose.encode(), hashlib.sha256).digest() for secret in raw]


class SessionCookies(SecureCookieSessionInterface):
    """Flask's session cookies, signed with the keys of their own purpose."""

    digest_method = staticmethod(hashlib.sha256)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:
        """What reads and writes the cookie; itsdangerous signs with the last key and believes all."""
        options = {'key_derivation': self.key_derivation, 'digest_method': self.digest_method}
        return URLSafeTimedSerializer(keys(app.config, 'session')[::-1], salt=self.salt, serializer=self.serializer,
                                      signer_kwargs=options)


def init_app(app: Flask) -> None:
    """Sign sessions and form tokens with their own keys; Flask-WTF alone knows no former ones."""
    app.session_interface = SessionCookies()
    app.config.setdefault('WTF_CSRF_SECRET_KEY', keys(app.config, 'form')[::-1])
