"""Signed tokens for links in mails: JSON Web Tokens (RFC 7519), each purpose with a key of its own."""
import hashlib
import hmac
from collections.abc import Iterator
from time import time

import jwt
from flask import current_app


def sign(purpose: str, claims: dict, seconds: int) -> str:
    """A token for one purpose that is good for `seconds`."""
    return jwt.encode({**claims, 'exp': int(time()) + seconds}, next(keys(purpose)), algorithm='HS256')


def read(purpose: str, token: str) -> dict | None:
    """The claims of a token for this purpose, or None when it is forged, foreign, malformed or too old."""
    for key in keys(purpose):
        try:
            return jwt.decode(token, key, algorithms=['HS256'], options={'require': ['exp']})
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
    return None


def keys(purpose: str) -> Iterator[bytes]:
    """The keys of a purpose, the one to sign with first, then those of SECRET_KEY_FALLBACKS."""
    secrets = [current_app.config['SECRET_KEY'], *(current_app.config.get('SECRET_KEY_FALLBACKS') or [])]
    for secret in secrets:
        raw = secret if isinstance(secret, bytes) else secret.encode()
        yield hmac.new(raw, b'microblog ' + purpose.encode(), hashlib.sha256).digest()


def fingerprint(*parts: str) -> str:
    """A short digest that ties a token to what it was made for, without telling what that is."""
    return hashlib.sha256('\n'.join(parts).encode()).hexdigest()[:24]
