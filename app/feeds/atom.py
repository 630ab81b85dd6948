"""Feeds as Atom (RFC 4287)."""
import re
from datetime import UTC, datetime
from xml.etree import ElementTree  # nosec B405 it only writes

from app.feeds.feed import Feed, address, html_of, post_address, title_of, user_address
from app.models import Post, User
from app.times import iso

MIMETYPE = 'application/atom+xml'
NAMESPACE = 'http://www.w3.org/2005/Atom'
LANGUAGE = '{http://www.w3.org/XML/1998/namespace}lang'
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NO_XML = re.compile('[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')  # XML 1.0, 2.2: it cannot be escaped


def write(feed: Feed) -> str:
    """The document."""
    root = ElementTree.Element('feed', xmlns=NAMESPACE)
    _add(root, 'id', address(feed.path))
    _add(root, 'title', feed.title)
    _add(root, 'updated', iso(feed.updated or LONG_AGO))
    _add(root, 'link', rel='self', type=MIMETYPE, href=address(feed.path))
    _add(root, 'link', rel='alternate', type='text/html', href=address(feed.page))
    if feed.author is not None:
        _add_author(root, feed.author)
    for post in feed.posts:
        _add_entry(root, post)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, 'unicode')


def _add_entry(root: ElementTree.Element, post: Post) -> None:
    entry = ElementTree.SubElement(root, 'entry')
    if post.language:
        entry.set(LANGUAGE, post.language)
    _add(entry, 'id', post_address(post))
    _add(entry, 'title', title_of(post))
    _add(entry, 'published', iso(post.timestamp))
    _add(entry, 'updated', iso(post.timestamp))
    _add(entry, 'link', rel='alternate', type='text/html', href=post_address(post))
    _add_author(entry, post.author)
    _add(entry, 'content', html_of(post), type='html')


def _add_author(parent: ElementTree.Element, user: User) -> None:
    author = ElementTree.SubElement(parent, 'author')
    _add(author, 'name', user.display_name)
    _add(author, 'uri', user_address(user))


def _add(parent: ElementTree.Element, name: str, text: str = '', **attributes: str) -> None:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = _NO_XML.sub('', text) or None
