"""Timelines: home, explore and profile, newest first; page 1,000 costs what page 1 costs."""
from functools import partial

from app.extensions import db
from app.models import Post, User
from app.policies.visibility import is_author_there_for, is_site_open_to
from app.queries import home as homes
from app.queries import profiles, windows
from app.queries.pages import Found, Page, Walk, Way, gather

FEW = 128  # ids of which most pages of explore are full
MANY = 4096  # ids that a look otherwise reaches
LOOKS = 2  # for one page


def home(viewer: User, before: int | None, after: int | None, count: int) -> Page:
    """What the viewer and the people they follow wrote."""
    reader = homes.Reader(viewer)
    return Walk(partial(homes.find, reader), partial(homes.has_any, reader)).page(before, after, count)


def explore(viewer: User | None, before: int | None, after: int | None, count: int) -> Page:
    """What everybody wrote for everybody, without answers and reposts."""
    if not is_site_open_to(viewer):
        return Page()
    return Walk(partial(_find_all, viewer), partial(_has_any, viewer)).page(before, after, count)


def profile(viewer: User | None, user: User, before: int | None, after: int | None, count: int) -> Page:
    """What one person wrote; nothing of who is suspended, but for themselves."""
    if not (is_site_open_to(viewer) and is_author_there_for(viewer, user)):
        return Page()
    walk = Walk(partial(_find_of, viewer, user), partial(_has_any_of, viewer, user))
    return walk.page(before, after, count)


def _find_all(viewer: User | None, way: Way, cursor: int, limit: int) -> Found:
    """Look at a bounded number of ids, so that a page never walks over all posts of suspended people."""
    def nearest(size: int, cursor: int) -> list[Post]:
        statement = windows.everybody(_dialect(), way, size, limit, viewer is None)
        return list(db.session.scalars(statement, _values(viewer, cursor=cursor)))  # all of them are wanted

    def look(cursor: int) -> Found:
        # Asked first and for half as many: what is deleted before the next statement lets it see farther, and what is
        # posted less far.
        last = _last(way, MANY, cursor)
        posts = nearest(2 * MANY, cursor)
        return Found(posts if last is None else [post for post in posts if way.within(post.id, last)], last)

    posts = nearest(FEW, cursor)
    return Found(posts) if len(posts) == limit else gather(look, cursor, limit, LOOKS)


def _has_any(viewer: User | None, way: Way, cursor: int) -> bool:
    """True when there is a post beyond the cursor, or may be one behind those that are looked at."""
    def is_near(size: int) -> bool:
        found = windows.anybody(_dialect(), way, size, viewer is None)
        return db.session.scalar(found, _values(viewer, cursor=cursor)) is not None
    return is_near(FEW) or _last(way, LOOKS * MANY, cursor) is not None or is_near(2 * LOOKS * MANY)


def _last(way: Way, size: int, cursor: int) -> int | None:
    return db.session.scalar(windows.last(_dialect(), way, size), {'cursor': cursor})


def _find_of(viewer: User | None, user: User, way: Way, cursor: int, limit: int) -> Found:
    statement = profiles.posts(_dialect(), way, limit, profiles.side(viewer, user))

    def look(cursor: int) -> Found:
        rows = db.session.execute(statement, _values(viewer, cursor=cursor, author=user.id))
        return Found.among(rows.all(), limit)
    return gather(look, cursor, limit)


def _has_any_of(viewer: User | None, user: User, way: Way, cursor: int) -> bool:
    """True when there is a post beyond the cursor, or may be one behind those that are looked at."""
    values, side = _values(viewer, cursor=cursor, author=user.id), profiles.side(viewer, user)
    return any(db.session.scalar(statement(_dialect(), way, side), values) is not None
               for statement in (profiles.anything, profiles.last))


def _values(viewer: User | None, **values) -> dict:
    return values if viewer is None else values | {'viewer': viewer.id}


def _dialect() -> str:
    return db.session.get_bind().dialect.name
