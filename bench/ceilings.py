"""The most that Flask can do on this machine: an answer without a page, and pages of 25 posts that cost only drawing.

`/plain` says "ok". `/memory` draws 25 posts from memory. `/url_for` draws the same posts and asks Flask for 8
addresses and Flask-Babel for 5 strings for each of them, as one writes it first.
"""
from dataclasses import dataclass
from functools import partial

from flask import Flask, render_template, session
from flask_babel import Babel
from markupsafe import Markup

from app.signing import SessionCookies
from bench import words
from config import Config

POSTS = 25
ADDRESSES = {'user': '/user/<name>', 'avatar': '/avatar/<int:id>/<int:size>', 'show': '/post/<int:id>',
             'reply': '/post/<int:id>/reply', 'repost': '/post/<int:id>/repost', 'like': '/post/<int:id>/like',
             'save': '/post/<int:id>/save', 'delete': '/post/<int:id>/delete'}


@dataclass(frozen=True)
class Entry:
    """A post that lies in memory."""

    id: int
    username: str
    name: str
    when: str
    body: Markup


def create_app() -> Flask:
    """An application that does nothing else."""
    app = Flask('bench')
    app.config.update(SECRET_KEY=Config.SECRET_KEY)
    app.config.update(CELERY_BROKER_URL='', TASK_THREADS=0)  # gunicorn's settings start the product's threads
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.session_interface = SessionCookies()
    Babel(app)
    for endpoint, rule in ADDRESSES.items():
        app.add_url_rule(rule, endpoint, lambda **_: '')
    entries = [Entry(2**57 + number, words.username(number), words.name(number) or words.username(number),
                     f'2026-01-{number + 1:02}T12:00:00Z', Markup.escape(words.body(number)))
               for number in range(POSTS)]
    app.add_url_rule('/plain', 'plain', lambda: 'ok')
    for page in ('memory', 'url_for'):
        app.add_url_rule(f'/{page}', page, partial(draw, f'{page}.html', entries))
    return app


def draw(template: str, entries: list[Entry]) -> str:
    """A page; the cookie is read, as a page for somebody who is logged in would do."""
    return render_template(template, posts=entries, me=session.get('_user_id'))


app = create_app()
