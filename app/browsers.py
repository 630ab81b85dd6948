"""Browsers in which somebody has logged in before: a signed cookie knows them again, also after a log-out."""
import secrets

from flask import current_app, request
from werkzeug import Response

from app import tokens

YEAR = 365 * 24 * 3600
MOST = 5  # people who share a browser


def known_to(user_id: int | None) -> str | None:
    """The id of the browser at hand if this person has logged in with it before, else None."""
    id, people = _read()
    return id if user_id in people else None


def remember(response: Response, user_id: int) -> Response:
    """Let the browser show later that this person has logged in with it."""
    id, people = _read()
    people = [user_id, *(other for other in people if other != user_id)][:MOST]
    claims = {'device': id or secrets.token_urlsafe(12), 'people': people}
    response.set_cookie(_name(), tokens.sign('device', claims, YEAR), max_age=YEAR, httponly=True, samesite='Lax',
                        secure=current_app.config['HTTPS'])
    return response


def _read() -> tuple[str, list[int]]:
    claims = tokens.read('device', request.cookies.get(_name(), '')) or {}
    return claims.get('device', ''), claims.get('people', [])


def _name() -> str:
    """What the cookie is called. "__Host-": no other host can set it (RFC 6265bis)."""
    return '__Host-device' if current_app.config['HTTPS'] else 'device'
