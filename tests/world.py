"""Shortcuts for tests that look at the site from outside: people, posts and follows by name."""
import re
from collections.abc import Callable
from html.parser import HTMLParser
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app import db
from app.models import Post, User
from tests.base import AppTestCase, TestConfig, make_post, make_user

URL = make_url(TestConfig.SQLALCHEMY_DATABASE_URI)
KIND = URL.get_backend_name()


def only_on(*kinds: str) -> Callable:
    """Leave a test or a case out of the passes on other databases; its name is then bound to nothing."""
    return lambda test: test if KIND in kinds else None


class LiveConfig(TestConfig):
    """A fault is answered by a page, as on a running site, instead of ending the test."""

    PROPAGATE_EXCEPTIONS = False


class WorldCase(AppTestCase):
    """A test with a few words for what the database holds before and after."""

    config = LiveConfig

    def person(self, username: str, **values) -> int:
        """Make somebody; their id."""
        with self.app.app_context():
            return make_user(username, **values).id

    def wrote(self, username: str, *bodies: str, **values) -> list[int]:
        """Let somebody, who is made when missing, write posts; their ids."""
        with self.app.app_context():
            author = self.find(username) or make_user(username)
            return [make_post(author, body, **values).id for body in bodies]

    def follows(self, follower: str, *followed: str) -> None:
        """Let somebody follow others."""
        with self.app.app_context():
            for name in followed:
                self.find(follower).follow(self.find(name))
                db.session.commit()

    def change(self, username: str, **values) -> None:
        """Change columns of a person."""
        with self.app.app_context():
            db.session.execute(sa.update(User).where(User.username == username).values(values))
            db.session.commit()

    def value(self, statement):
        """One value that the database holds now."""
        with self.app.app_context():
            return db.session.scalar(statement)

    def rows(self, model) -> int:
        """How many rows there are."""
        return self.value(sa.select(sa.func.count()).select_from(model))

    def bodies(self) -> list[str]:
        """What all posts say, the oldest first."""
        with self.app.app_context():
            return list(db.session.scalars(sa.select(Post.body).order_by(Post.id)))

    @staticmethod
    def find(username: str) -> User | None:
        return db.session.scalar(sa.select(User).where(User.username == username))


def breaking_off_once():
    """Let the database break the first commit of the block off, as it does with a deadlock."""
    real, broken = db.session.commit, []

    def commit():
        if not broken:
            broken.append(True)
            raise OperationalError('COMMIT', {}, Deadlock())
        return real()
    return mock.patch.object(db.session, 'commit', commit)


class Deadlock(Exception):
    """What a driver raises."""

    sqlstate = '40P01'


def posts_on(page: str) -> list[int]:
    """Ids of the posts that a page shows, in its order."""
    return [int(id) for id in re.findall(r'<article [^>]*id="post-([0-9]+)"', page)]


def folded_on(page: str) -> list[int]:
    """Ids of the posts that stand within the entries of others."""
    return [int(id) for ids in re.findall(r'data-also="([0-9 ]+)"', page) for id in ids.split()]


def people_on(page: str) -> list[str]:
    """Usernames of the people that a page lists, in its order."""
    listed = page.partition('<ul class="list-unstyled m-0">\n  \n')[2] or page
    return re.findall(r'class="who" href="/user/(\w+)"', listed)


def link(page: str, rel: str) -> str | None:
    """Where the link of a page with this relation leads."""
    tag = re.search(rf'<a [^>]*rel="{rel}"[^>]*>', page)
    return re.search(r'href="([^"]*)"', tag[0])[1].replace('&amp;', '&') if tag else None


class Outline(HTMLParser):
    """The elements of a page, and whether each that was opened is closed again."""

    VOID = ('area', 'br', 'col', 'hr', 'img', 'input', 'link', 'meta', 'source', 'wbr')

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(page)
        self.close()
        self.faults += [f'<{tag}> stays open' for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if len(attrs) != len(dict(attrs)):
            self.faults.append(f'<{tag}> has an attribute twice: {attrs}')
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f'</{tag}> at line {self.getpos()[0]} closes something else')

    def all(self, tag: str) -> list[dict]:
        """The attributes of every such element."""
        return [attributes for name, attributes in self.tags if name == tag]
