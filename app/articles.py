"""Posts as lists show them, each drawn once for everybody who sees the same of it.

A post is drawn from plain values alone, and these are the key under which it is kept: whatever changes in it, in its
people or in the page is another key. Only what belongs to one request, the token of its forms and the way back, is put
in afterwards.
"""
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from flask import current_app, request
from flask_login import current_user
from markupsafe import Markup

from app.fragments import MARKS, Pieces, drawn, filled, kept
from app.models import Post, User
from app.queries.folding import Entry
from app.rendering import current, places
from app.text.links import rich
from app.times import short_time

KEPT = 400  # posts of about 3 kB
FACE = 88  # pixels, for 44 of a page


class Person(NamedTuple):
    """Somebody whom a post shows."""

    username: str
    display_name: str
    face: str = ''  # where only the name is shown


class Article(NamedTuple):
    """All that is shown of a post at one place of a list, by the names that it has in the templates."""

    id: int
    entry: int  # the id of what stands in the list: the post, or a repost of it
    others: tuple[int, ...]  # what is folded into it
    by: tuple[Person, ...]  # who passed it on
    answers: Person | None
    author: Person
    visibility: int
    timestamp: datetime
    when: str
    language: str | None
    body: Markup
    more: int  # posts of the same thread that are not shown
    replies_count: int
    reposts_count: int
    likes_count: int
    is_liked: bool
    is_reposted: bool
    is_own: bool


class Frame(NamedTuple):
    """What `_menu.html` says to a reader, and what decides how times, numbers and addresses read to them."""

    begin: Markup
    open: str  # '' on the page of the post
    copy: str
    delete: str
    reply: Markup
    options: str
    closed: Markup
    answers: Markup
    repost: Markup
    like: Markup
    passed_on: Markup
    muting: str
    mute: str
    mute_at: str
    block_at: str
    mute_author: str
    block_author: str
    login: str
    reader: bool
    token: Markup
    back: Markup
    language: str
    zone: str
    people: str
    tags: str


def post_menu(csrf: Callable[[], Markup], here: Callable[[], Markup], is_thread_muted: bool = False) -> Frame:
    """What the posts of a page have in common; the macros are asked for a reader's token and place only."""
    page, reader = current(), current_user.is_authenticated
    frame = kept(_frame)(page.language, str(page.zone), page.user_address, page.places.tags, reader,
                         request.endpoint != 'posts.show', bool(is_thread_muted))
    return frame._replace(token=csrf(), back=here()) if reader else frame


def articles(posts: list[Post], menu: Frame, folds: dict[int, Entry] | None = None,
             mark: Callable[[Post], Markup] | None = None) -> Markup:
    """The posts of a list; `folds` are its entries by the ids at whose places they stand, and `mark` draws its texts
    where words were looked for."""
    entries = [folds[post.id] for post in posts if post.id in folds] if folds else [Entry([post]) for post in posts]
    reader = getattr(current_user, 'id', None)
    return _filled(menu, [_article(entry, reader, mark) for entry in entries])


def answer(post: Post, menu: Frame) -> Markup:
    """A post that stands below what it answers."""
    return _filled(menu, [_article(Entry([post]), getattr(current_user, 'id', None))._replace(answers=None)])


def _filled(menu: Frame, articles: list[Article]) -> Markup:
    draw, frame = kept(_draw), menu._replace(token=MARKS.keys, back=MARKS.back)
    return filled([draw(article, frame) for article in articles], {'keys': menu.token, 'back': menu.back})


@lru_cache
def _frame(language: str, zone: str, people: str, tags: str, reader: bool, is_elsewhere: bool, is_muted: bool) -> Frame:
    template = current_app.jinja_env.get_template('_menu.html')
    said = template.make_module({'reader': reader, 'is_elsewhere': is_elsewhere, 'is_thread_muted': is_muted})
    found = {name: getattr(said, name) for name in Frame._fields if hasattr(said, name)}
    return Frame(**found, token=MARKS.keys, back=MARKS.back, reader=reader, language=language, zone=zone,
                 people=people, tags=tags)


@lru_cache(KEPT)
def _draw(article: Article, frame: Frame) -> Pieces:
    return drawn('_post.html', {'post': article, 'menu': frame})


def _article(entry: Entry, reader: int | None, mark: Callable[[Post], Markup] | None = None) -> Article:
    shown = entry.post
    post = shown.original or shown
    by = tuple(map(_named, entry.by))
    answers = _named(post.parent_author) if not by and post.parent_author else None
    body = mark(post) if mark else rich(post.body, places(post))
    return Article(post.id, shown.id, tuple(entry.others), by, answers, _person(post.author), post.visibility,
                   post.timestamp, short_time(post.timestamp), post.language, body, entry.more, post.replies_count,
                   post.reposts_count, post.likes_count, post.is_liked, post.is_reposted, post.user_id == reader)


def _person(user: User) -> Person:
    return Person(user.username, user.display_name, user.avatar(FACE))


def _named(user: User) -> Person:
    return Person(user.username, user.display_name)
