"""The picture of a person who has none: a mirrored grid of dots, drawn from the account's id."""
import hashlib
from itertools import count

# A pale ground and a deep dot each, readable against one another (WCAG contrast of at least 4.5 to 1) and
# quiet on light and dark pages alike. The accent's green is left out: it means "you can act here".
PAIRS = (
    ('#f3e1e4', '#9c3b51'),  # rose
    ('#f4e4dc', '#a2502a'),  # clay
    ('#f1ead2', '#7c6412'),  # straw
    ('#e7ecd8', '#56691f'),  # moss
    ('#e2ebf0', '#2f6482'),  # lake
    ('#e3e6f3', '#4a559c'),  # iris
    ('#efe2ee', '#85457c'),  # plum
    ('#e9e6e1', '#655a50'),  # slate
)

_ROWS = 5
_COLUMNS = 3  # the other two are mirrored
_FIRST, _STEP, _MIDDLE = 14, 13, 2
_LARGE, _SMALL = '5.6', '3.2'
_SIZES = (None, None, None, _SMALL, _SMALL, _LARGE, _LARGE, _LARGE)
_FEWEST, _MOST = 7, 11  # dots in the fifteen free places: neither a bare ground nor a full board


def identicon(user_id: int) -> str:
    """The SVG of an account, always the same for the same id."""
    digest = next(d for d in _digests(user_id) if _is_balanced(d))
    ground, deep = PAIRS[digest[-1] % len(PAIRS)]
    dots = ''.join(_dots(digest))
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">'
            f'<rect width="80" height="80" fill="{ground}"/><g fill="{deep}">{dots}</g></svg>')


def _digests(user_id: int):
    """One hash after the other, so that an unbalanced picture can be drawn anew."""
    for attempt in count():
        yield hashlib.sha256(f'identicon:{user_id}:{attempt}'.encode()).digest()


def _sizes(digest: bytes):
    return [_SIZES[byte % len(_SIZES)] for byte in digest[:_ROWS * _COLUMNS]]


def _is_balanced(digest: bytes) -> bool:
    sizes = _sizes(digest)
    large, small = sizes.count(_LARGE), sizes.count(_SMALL)
    return _FEWEST <= large + small <= _MOST and large >= small


def _dots(digest: bytes):
    for place, size in enumerate(_sizes(digest)):
        row, column = divmod(place, _COLUMNS)
        if size:
            yield from (_circle(x, row, size) for x in sorted({column, 2 * _MIDDLE - column}))


def _circle(column: int, row: int, size: str) -> str:
    return f'<circle cx="{_FIRST + _STEP * column}" cy="{_FIRST + _STEP * row}" r="{size}"/>'
