"""Feeds as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
import json

from app.feeds.feed import Feed, address, html_of, post_address, user_address
from app.models import Post, User
from app.text.scanning import tags
from app.times import iso

MIMETYPE = 'application/feed+json'
VERSION = 'https://jsonfeed.org/version/1.1'
PICTURE_SIZE = 512


def write(feed: Feed) -> str:
    """The document."""
    whole = {'version': VERSION, 'title': feed.title, 'home_page_url': address(feed.page),
             'feed_url': address(feed.path), 'authors': [_author(feed.author)] if feed.author is not None else None,
             'items': [_item(post) for post in feed.posts]}
    return json.dumps({name: value for name, value in whole.items() if value is not None}, ensure_ascii=False)


def _item(post: Post) -> dict:
    item = {'id': post_address(post), 'url': post_address(post), 'content_html': html_of(post),
            'content_text': post.body, 'date_published': iso(post.timestamp), 'authors': [_author(post.author)],
            'language': post.language or None, 'tags': list(dict.fromkeys(tags(post.body))) or None}
    return {name: value for name, value in item.items() if value is not None}


def _author(user: User) -> dict:
    return {'name': user.display_name, 'url': user_address(user), 'avatar': address(user.avatar(PICTURE_SIZE))}
