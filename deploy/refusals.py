"""What gunicorn answers by itself, to what is no request: a few words, with the headers that every answer carries."""
from gunicorn import util

from app.guard import security_headers
from config import Config

IS_TLS = Config.SITE_URL.startswith('https://')


def init() -> None:
    """Answer in place of gunicorn, whose own page repeats what was sent and has no headers."""
    util.write_error = answer  # it has no setting for that


def answer(sock, status: int, reason: str, message: str) -> None:
    """Write a whole answer to the socket; the message, which repeats what was sent, is left out."""
    if status == 501:  # for an unknown transfer coding; a client's mistake must not look like a fault of the site
        status, reason = 400, 'Bad Request'
    body = f'{status} {reason}\n'
    headers = {'Connection': 'close', 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': str(len(body)),
               'Cache-Control': 'no-store', **security_headers(IS_TLS)}
    if status == 503:
        headers['Retry-After'] = '5'
    lines = [f'HTTP/1.1 {status} {reason}', *(f'{name}: {value}' for name, value in headers.items())]
    util.write_nonblock(sock, '\r\n'.join([*lines, '', body]).encode('latin-1'))
