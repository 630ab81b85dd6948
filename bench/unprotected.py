"""The product without its protections: what they cost is the difference. Never serve it to anybody else.

No checks of host, origin and bytes, no headers, no form tokens, no limits; and the session cookie names the account,
which is loaded by its id, in place of a session that can end.
"""
from flask import Flask

from app import create_app, db, guard
from app.auth import sessions
from app.extensions import login
from app.models import User
from config import Config


class Unprotected(Config):
    """The same settings with what can be turned off turned off."""

    WTF_CSRF_ENABLED = False
    RATELIMIT_ENABLED = False


def unprotected() -> Flask:
    """The product with its checks taken out."""
    app = create_app(Unprotected)
    before, after = app.before_request_funcs[None], app.after_request_funcs[None]
    app.before_request_funcs[None] = [check for check in before if _keeps(check)]
    app.after_request_funcs[None] = [act for act in after if _keeps(act) and act is not sessions.note_use]
    app.jinja_env.globals['csrf_token'] = lambda: 'none'
    login.user_loader(load_user)
    return app


def load_user(id: str) -> User | None:
    """Flask-Login as its manual shows it."""
    return db.session.get(User, int(id)) if id.isdigit() else None


def _keeps(function) -> bool:
    module = function.__module__
    return module != guard.__name__ and not module.startswith(('flask_wtf', 'app.limits'))


app = unprotected()
