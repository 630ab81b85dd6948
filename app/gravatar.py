"""Pictures from Gravatar, fetched by the server in the background; no reader's browser ever asks it."""
import hashlib
import io
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from PIL.Image import Image

BASE = 'https://www.gravatar.com/avatar/'
MEDIA_TYPE = 'image/webp'
SECONDS = 2.0  # for the whole exchange, from connecting to the last byte
MOST_RECEIVED = 1_000_000
MOST_STORED = 20_000
MOST_PIXELS = 1_000_000  # what a small file may unfold to: 4 MB of memory

_FORMATS = ('JPEG', 'PNG', 'GIF', 'WEBP')
_QUALITIES = (85, 70, 55, 40)


class GravatarUnavailable(Exception):
    """Gravatar did not answer as it should; asking again later may help."""


def fetch(address: str, size: int = 160, *, base: str = BASE) -> bytes | None:
    """The person's picture as WebP, at most 20 kB and `size` pixels a side; None when there is none to use.

    Raises GravatarUnavailable when the answer fails or takes longer than two seconds.
    """
    url = f'{base}{_address_hash(address)}?d=404&s={size}'
    try:
        status, content = _get(url)
    except _TooLarge:
        return None
    except (OSError, HTTPException) as error:
        raise GravatarUnavailable(type(error).__name__) from error
    if status == 404:
        return None
    if status != 200:
        raise GravatarUnavailable(f'status {status}')
    return _redrawn(content, size)


def _address_hash(address: str) -> str:
    """Gravatar's name for an address: https://docs.gravatar.com/rest/hash/."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def _get(url: str) -> tuple[int, bytes]:
    """Status and body of one GET. Redirects are not followed: only the host of `url` is ever spoken to."""
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == 'https' else HTTPConnection
    deadline = time.monotonic() + SECONDS
    connection = connect(parts.netloc, timeout=SECONDS)
    try:
        connection.request('GET', f'{parts.path}?{parts.query}', headers={
            'Accept': 'image/*', 'Connection': 'close', 'User-Agent': 'Microblog'})
        received = _receive(connection.sock, deadline)
    finally:
        connection.close()
    response = HTTPResponse(_Received(received))  # type: ignore[arg-type]
    response.begin()
    return response.status, response.read()


def _receive(sock, deadline: float) -> bytes:
    """All that the other side sends; a socket's timeout begins anew at each byte, so the time left is set."""
    received = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        part = sock.recv(65536)
        if not part:
            return bytes(received)
        received += part
        if len(received) > MOST_RECEIVED:
            raise _TooLarge


class _TooLarge(Exception):
    """Whatever this is, it is not a small picture."""


class _Received:
    """A finished answer in the shape of the socket that `HTTPResponse` reads from."""

    def __init__(self, content: bytes):
        self.content = content

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self.content)


def _redrawn(content: bytes, size: int) -> bytes | None:
    """The picture drawn anew, so that only its pixels are kept; None when it is no picture we can read."""
    from PIL import Image, ImageOps  # here, because few workers ever need it

    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as original:
            if original.width * original.height > MOST_PIXELS:
                return None
            picture = ImageOps.exif_transpose(original).convert('RGBA')
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        return None
    ground = Image.new('RGB', picture.size, 'white')
    ground.paste(picture, mask=picture)
    return _small_enough(ImageOps.fit(ground, (size, size)))


def _small_enough(picture: 'Image') -> bytes:
    """The picture as WebP in the best quality that fits, halved in size when none does."""
    while True:
        for quality in _QUALITIES:
            target = io.BytesIO()
            picture.save(target, 'WEBP', quality=quality)
            if target.tell() <= MOST_STORED:
                return target.getvalue()
        picture = picture.reduce(2)
