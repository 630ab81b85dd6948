"""How answers travel: pages for everybody are asked for again by their tag (RFC 9110, 13), text is compressed."""
import gzip
import io
import secrets

from flask import Flask, Response, current_app, request, session

LEVEL = 5  # 0.1 ms on a page of 33 kB; 9 takes twice as long for 1 % less
SHORTEST = 500  # bytes; less fits into the first packet anyway
LONGEST = 2_000_000
TEXTS = ('text/html', 'text/css', 'text/javascript', 'text/plain', 'text/xml', 'application/json',
         'application/javascript', 'application/manifest+json', 'application/atom+xml', 'application/feed+json',
         'image/svg+xml')
MOST_PADDING = 96  # bytes
MOST_FILES = 64
OPEN = ('main', 'posts')  # blueprints whose pages are the same for every visitor


def init_app(app: Flask) -> None:
    """Look after every answer; registered first, so that it comes last."""
    app.after_request(prepare)


def prepare(response: Response) -> Response:
    """Tag what may be kept, answer 304 to who has it already, and compress the rest."""
    if response.mimetype == 'text/html':
        response.vary.update(('Accept-Language', 'Cookie'))
    if is_for_everybody(response):
        response.headers['Cache-Control'] = 'no-cache'
    if may_be_kept(response):
        response.add_etag(weak=True)
        response.make_conditional(request)
    if response.mimetype in TEXTS:
        response.vary.add('Accept-Encoding')
        if response.status_code != 304 and may_be_compressed(response):
            compress(response)
    return response


def is_for_everybody(response: Response) -> bool:
    """True for a page without anything of this visitor's: no session, no form token, no message."""
    is_open = request.blueprint in OPEN and not current_app.config['SITE_CLOSED']
    is_page = request.method in ('GET', 'HEAD') and response.status_code == 200 and response.mimetype == 'text/html'
    return is_open and is_page and not session and not session.modified


def may_be_kept(response: Response) -> bool:
    """True for a whole answer that is not to be fetched anew each time; files have their tags from Werkzeug."""
    if response.direct_passthrough or response.status_code != 200 or request.method not in ('GET', 'HEAD'):
        return False
    return not response.cache_control.no_store


def may_be_compressed(response: Response) -> bool:
    """True for text that is worth it and whose reader can unpack it."""
    length = response.content_length if response.direct_passthrough else response.calculate_content_length()
    return (request.accept_encodings['gzip'] > 0 and 'Content-Encoding' not in response.headers
            and response.status_code not in (204, 206) and SHORTEST <= (length or 0) <= LONGEST)


def compress(response: Response) -> None:
    """Replace the body by its packed form, which is another representation: its tag becomes a weak one."""
    if response.direct_passthrough:  # a file; it changes with its tag
        response.direct_passthrough = False
        packed = _pack_file(request.path, response.get_etag()[0], response.get_data())
    else:
        packed = pack(response.get_data(), secrets.token_hex(secrets.randbelow(MOST_PADDING // 2)))
    response.set_data(packed)
    response.headers['Content-Encoding'] = 'gzip'
    tag, is_weak = response.get_etag()
    if tag and not is_weak:
        response.set_etag(tag, weak=True)


def pack(content: bytes, name: str = '') -> bytes:
    """The content in gzip's form (RFC 1952).

    A name of random length hides how well a page packs: whoever can make a reader's page repeat a guess at a secret
    in it, and sees its length on the line, could read the secret (BREACH).
    """
    packed = io.BytesIO()
    with gzip.GzipFile(name, 'wb', LEVEL, packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


def _pack_file(path: str, tag: str | None, content: bytes) -> bytes:
    """A file packed once a process for as long as it has this tag; they are few."""
    if (path, tag) not in _packed:
        if len(_packed) >= MOST_FILES:
            _packed.clear()
        _packed[path, tag] = pack(content)
    return _packed[path, tag]


_packed: dict[tuple[str, str | None], bytes] = {}
