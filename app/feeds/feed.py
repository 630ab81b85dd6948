"""What a feed holds, in either form: only what everybody may read."""
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, url_for

from app import rendering
from app.models import Post, User
from app.policies.visibility import is_public
from app.text.links import Places, rich

TITLE_LENGTH = 80


@dataclass(frozen=True)
class Feed:
    """A list of posts, newest first, at `path` of the site, and the page for people that it belongs to."""

    title: str
    path: str
    page: str
    posts: list[Post]
    author: User | None = None

    @property
    def updated(self) -> datetime | None:
        """When the newest of its posts was written; it changes with nothing else, so that a tag of it lasts."""
        return self.posts[0].timestamp if self.posts else None


def listed(posts: list[Post]) -> list[Post]:
    """What of a page of posts belongs into a feed."""
    return [post for post in posts if is_public(post)]


def address(path: str) -> str:
    """A place of this site as others find it."""
    return current_app.config['SITE_URL'] + path


def post_address(post: Post) -> str:
    """The page of a post."""
    return address(url_for('posts.show', id=post.id))


def user_address(user: User) -> str:
    """The page of a person."""
    return address(url_for('main.user', username=user.username))


def html_of(post: Post) -> str:
    """The text with links that lead here from anywhere."""
    tags, people, known = rendering.places(post)
    return str(rich(post.body, Places(address(tags), address(people), known)))


def title_of(post: Post) -> str:
    """The beginning of the text in one line."""
    line = ' '.join(post.body.split())
    return line if len(line) <= TITLE_LENGTH else f'{line[:TITLE_LENGTH].rstrip()}…'
