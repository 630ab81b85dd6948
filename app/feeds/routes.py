"""The feeds of a profile, of a tag and of explore, the same for everybody who asks."""
from types import ModuleType

from flask import Response, request, url_for

from app import words
from app.exceptions import NotFound
from app.feeds import bp, jsonfeed
from app.feeds.feed import Feed, listed
from app.main.people import moved
from app.models import Post
from app.policies.visibility import is_site_open_to
from app.queries import engagement, people, timelines
from app.queries import tags as reading
from app.text import scanning

ENTRIES = 25


@bp.before_request
def keep_closed():
    """A closed site has no feeds, not even for people who are logged in: their readers are not."""
    if not is_site_open_to(None):
        raise NotFound('feed')


@bp.route('/user/<username>/feed.atom', defaults={'kind': 'atom'})
@bp.route('/user/<username>/feed.json', defaults={'kind': 'json'})
def user(username, kind):
    """What somebody wrote."""
    user = people.by_username(None, username)
    if user is None:
        raise NotFound('user')
    title = f'{user.display_name} (@{user.username})'
    return moved(user, username) or answer(
        kind, title, url_for('main.user', username=user.username),
        timelines.profile(None, user, None, None, ENTRIES).posts, user)


@bp.route('/tag/<name>/feed.atom', defaults={'kind': 'atom'})
@bp.route('/tag/<name>/feed.json', defaults={'kind': 'json'})
def tag(name, kind):
    """The posts with a tag."""
    if scanning.tags(f'#{name}') != [name]:
        raise NotFound('tag')
    posts = reading.page(None, name, None, None, ENTRIES).posts
    return answer(kind, f'#{reading.most_written(name, posts)}', url_for('main.tag', name=name), posts)


@bp.route('/explore/feed.atom', defaults={'kind': 'atom'})
@bp.route('/explore/feed.json', defaults={'kind': 'json'})
def explore(kind):
    """What everybody writes."""
    posts = timelines.explore(None, None, None, ENTRIES).posts
    return answer(kind, words.current().name, url_for('main.explore'), posts)


def answer(kind: str, title: str, page: str, posts: list[Post], author=None) -> Response:
    """The feed in the form that was asked for; whoever has it asks again by its tag."""
    posts = listed(posts)
    engagement.note(None, posts)
    form = _form(kind)
    path = url_for(request.endpoint or '', **(request.view_args or {}))
    document = form.write(Feed(title, path, page, posts, author))
    return Response(document, content_type=f'{form.MIMETYPE}; charset=utf-8', headers={'Cache-Control': 'no-cache'})


def _form(kind: str) -> ModuleType:
    if kind == 'json':
        return jsonfeed
    from app.feeds import atom  # here, because XML takes half a megabyte that most processes never need
    return atom
