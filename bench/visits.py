"""What is measured: pages, by whom they are read, and how deep."""
from dataclasses import dataclass
from time import time
from urllib.parse import urlencode

import sqlalchemy as sa

from app.models import Post, User
from bench.cursors import LISTS, Cursors
from bench.plan import Plan, Reader, parse_size
from bench.searching import MOST_POSTS, searches
from bench.stores import Store
from bench.words import TAGS, username

SEARCHES = tuple(searches(parse_size('10k')))
PAGES = ('home', 'explore', 'profile', 'hidden-profile', 'followers', 'following', 'tag', 'likes', 'thread',
         'notifications', 'sessions', 'search', 'post', 'news', *SEARCHES)
OWN = ('home', 'sessions', 'news', 'notifications')  # nobody has one without an account
ALSO_FOR_NOBODY = ('explore', 'profile', 'hidden-profile', 'tag', 'thread', 'post')
NUMBERS = (1, 100, 1000)
USUAL = ('200-mixed', '10-mixed', '0-mixed')  # the reader of all pages but home: the first that there is
NOBODY = 'nobody'


@dataclass(frozen=True)
class Visit:
    """One page of one reader; `number` is 1 for the first of a list."""

    page: str
    reader: Reader | None
    number: int
    path: str
    status: int = 200

    @property
    def reader_name(self) -> str:
        return self.reader.name if self.reader else NOBODY


def visits(store: Store, pages: list[str], readers: list[str], numbers: list[int]) -> list[Visit]:
    """Every page that was asked for; without readers home by all of them and everything else by a usual one."""
    cursors, found = Cursors(store), []
    for page in pages:
        if page.startswith('search') and store.plan.posts > MOST_POSTS:  # their words are not there
            continue
        for reader in _readers(store.plan, page, readers):
            found += _of_page(store, cursors, page, reader, numbers)
    return list(dict.fromkeys(found))  # a list that ends before page 100 has the same last page twice


def _readers(plan: Plan, page: str, names: list[str]) -> list[Reader | None]:
    known = {reader.name: reader for reader in plan.readers}
    if names:
        nobody = [None] if NOBODY in names and page not in OWN else []
        return [known[name] for name in names if name in known] + nobody
    if page == 'home':
        return list(plan.readers)
    if page == 'sessions':
        return [plan.readers[-1]]  # servers.log_in gives them many
    return [usual(plan), None] if page in ALSO_FOR_NOBODY else [usual(plan)]


def usual(plan: Plan) -> Reader:
    """The reader of every page but home: who follows 200 people, if there are as many."""
    return next(reader for name in USUAL for reader in plan.readers if reader.name == name)


def _of_page(store: Store, cursors: Cursors, page: str, reader: Reader | None, numbers: list[int]) -> list[Visit]:
    if page == 'news':  # what the script asks every half minute, of a home page on which nothing is new
        return [Visit(page, reader, 1, f'/notifications?since={time():.3f}&notifications=0&messages=0&posts=0', 204)]
    if page not in LISTS:
        return [Visit(page, reader, 1, _single(store, page))]
    whose, path = _address(cursors, page, reader, store.plan)
    found = [cursors.of(f'{page} {whose}', LISTS[page](whose), number) for number in numbers]
    way = 'after' if page == 'thread' else 'before'
    return [Visit(page, reader, number, f'{path}?{way}={cursor}' if cursor else path) for number, cursor in found]


def _address(cursors: Cursors, page: str, reader: Reader | None, plan: Plan) -> tuple[int, str]:
    """Whose list it is and where it begins: of the people with the longest ones."""
    if page == 'home':
        assert reader is not None, 'home is for those who are logged in'
        return reader.id, '/'
    if page == 'explore':
        return 0, '/explore'
    if page == 'tag':
        return 1, f'/tag/{TAGS[0]}'
    if page in ('likes', 'thread'):
        id = cursors.first()
        return id, f'/post/{id}/likes' if page == 'likes' else f'/post/{id}'
    if page == 'profile':
        id, name = cursors.person(User.posts_count)
        return id, f'/user/{name}'
    column: sa.SQLColumnExpression = User.followers_number if page == 'followers' else User.following_number
    id, name = cursors.person(column)
    return id, f'/user/{name}/{page}'


def _single(store: Store, page: str) -> str:
    if page == 'post':
        with store.engine().connect() as connection:
            return f'/post/{connection.scalar(sa.select(sa.func.max(Post.id)))}'
    if page in SEARCHES:
        return f'/search?{urlencode({"q": searches(store.plan)[page]})}'
    return {'sessions': '/settings/sessions', 'search': '/search?q=ma', 'notifications': '/notifications',
            'hidden-profile': f'/user/{username(store.plan.hidden_id)}'}[page]
