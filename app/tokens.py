"""Signed tokens for links in mails: JSON Web Tokens (RFC 7519), each purpose with a key of its own."""
import hashlib
from time import time

import jwt
from flask import current_app

from app.signing import keys


def sign(purpose: str, claims: dict, seconds: int) -> str:
    """A token for one purpose that is good for `seconds`."""
    return jwt.encode({**claims, 'exp': int(time()) + seconds}, keys(current_app.config, purpose)[0], algorithm='HS256')


def read(purpose: str, token: str) -> dict | None:
    """The claims of a token for this purpose, or None when it is forged, foreign, malformed or too old."""
    for key in keys(current_app.config, purpose):
        try:
            return jwt.decode(token, key, algorithms=['HS256'], options={'require': ['exp']})
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
    return None


def fingerprint(*parts: str) -> str:
    """A short digest that ties a token to what it was made for, without telling what that is."""
    return hashlib.sha256('\n'.join(parts).encode()).hexdigest()[:24]
