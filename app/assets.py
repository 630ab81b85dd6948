"""Addresses of static files. They change with the content, so that browsers may keep what they lead to for a year."""
import base64
import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from flask import current_app

VERSION_DIGITS = 12


def asset(filename: str) -> str:
    """The address of a static file of our own."""
    return _address(current_app.static_url_path or '', filename, *_state(filename))


def integrity(filename: str) -> str:
    """What a browser is to compare a script with before it runs it (W3C Subresource Integrity)."""
    return _integrity(filename, *_state(filename))


def bootstrap_css() -> str:
    """The address of Bootstrap's stylesheet, served by Bootstrap-Flask from this site."""
    return f'{current_app.blueprints["bootstrap"].static_url_path}/css/bootstrap.min.css?v={_bootstrap_version()}'


def is_current(endpoint: str | None, filename: str, given: str) -> bool:
    """True when the version in an address is that of the file as it lies there now, perhaps newer than this process."""
    if endpoint == 'bootstrap.static':
        return given == _bootstrap_version()
    path = Path(current_app.static_folder or '', filename)
    if endpoint != 'static' or not path.is_file():
        return False
    return given == _digest(path, path.stat().st_mtime_ns).hex()[:VERSION_DIGITS]


def _state(filename: str) -> tuple[str, int]:
    """Where the file is, and when it was changed, which only a developer's server asks: pages name many files."""
    folder = current_app.static_folder or ''
    return folder, Path(folder, filename).stat().st_mtime_ns if current_app.debug else 0


@lru_cache(256)
def _address(prefix: str, filename: str, folder: str, moment: int) -> str:
    return f'{prefix}/{filename}?v={_digest(Path(folder, filename), moment).hex()[:VERSION_DIGITS]}'


@lru_cache(256)
def _integrity(filename: str, folder: str, moment: int) -> str:
    return f'sha256-{base64.b64encode(_digest(Path(folder, filename), moment)).decode()}'


@lru_cache(256)
def _digest(path: Path, moment: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


@lru_cache(1)
def _bootstrap_version() -> str:
    return version('bootstrap-flask')
