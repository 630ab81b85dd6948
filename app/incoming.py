"""Reading what a request asks for: ids, cursors, and whether JSON is wanted."""
import re

from flask import Flask, abort, request
from werkzeug.routing import BaseConverter, ValidationError

from app.models import MAX_ID

DIGITS = re.compile(r'[0-9]+')


class IdConverter(BaseConverter):
    """An id in a path: a number that fits the databases' 64 bits; anything else is no address of ours."""

    regex = '[0-9]{1,19}'

    def to_python(self, value: str) -> int:
        """The number; a value beyond 64 bits does not match."""
        if int(value) > MAX_ID:
            raise ValidationError
        return int(value)


def init_app(app: Flask) -> None:
    """Let routes say `<id:id>`."""
    app.url_map.converters['id'] = IdConverter


def cursor(name: str, highest: int = MAX_ID) -> int | None:
    """The id in `?before=` or `?after=`; one beyond all is taken as the highest, and what is no number is a 404."""
    value = request.args.get(name)
    if value is None:
        return None
    if not DIGITS.fullmatch(value):
        abort(404)
    return min(int(value[:400]), highest)


def prefers_json() -> bool:
    """True when the client asks for JSON rather than for a page."""
    wanted = request.accept_mimetypes.best_match(['text/html', 'application/json'], default='text/html')
    return wanted == 'application/json'


def wants_piece() -> bool:
    """True when the script has sent a small form: it takes the new form alone, no page around it."""
    return 'X-Piece' in request.headers
