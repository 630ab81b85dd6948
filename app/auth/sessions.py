"""The browser's side of a session: its cookie, who is looking, and noting that they were here."""
from datetime import timedelta
from time import time
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, flash, g, redirect, request, session, url_for
from flask_babel import _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response as Redirect

from app import browsers
from app.bookkeeping import note_later
from app.extensions import login
from app.incoming import prefers_json
from app.models import User, utcnow
from app.queries import sessions as reading
from app.services import sessions

LONGEST_ADDRESS = 4000  # as it is sent; servers between take headers of a few kilobytes
AS_SENT = "%/?:@!$&'()*+,;=-._~"
NOTED_EVERY = timedelta(minutes=5)
PROVED_SECONDS = 600  # for which the password need not be typed again
KEPT = ('_flashes',)


def init_app(app: Flask) -> None:
    """Let Flask-Login find people by session rows."""
    login.login_view = 'auth.login'
    login.login_message = _l('Log in to see this page.')
    login.login_message_category = 'info'
    login.session_protection = None
    login.user_loader(load_user)
    login.unauthorized_handler(ask_to_log_in)
    app.after_request(note_use)


def ask_to_log_in():
    """Lead to the log-in page and from there back."""
    if prefers_json():
        abort(401)
    back = _own_address() if request.method == 'GET' else _way_back()
    if back and request.form.get('post'):
        flash(_('Log in to go on. What you typed is still here.'), login.login_message_category)
    elif request.path != '/':
        flash(login.login_message, login.login_message_category)
    return redirect(url_for(login.login_view, next=back if back not in ('', '/') else None))


def _own_address() -> str:
    """The address that was asked for, without its query or not at all when that would be too long."""
    whole = request.full_path.removesuffix('?')
    return next((address for address in (whole, request.path) if is_own_path(address)), '')


def _way_back() -> str:
    """Where to go on after a form that needed a log-in: back to its text, or where the form itself wants to go on."""
    text = request.form.get('post', '')
    back = url_for('posts.new', text=text) if text else safe_next('')
    return back if is_own_path(back) else ''


def load_user(token: str) -> User | None:
    """Flask-Login's question: whose session is this?"""
    found = reading.of_token(token)
    if found is None:
        return None
    session_id, last_used_at, user = found
    user.session_token = token
    if utcnow() - last_used_at > NOTED_EVERY:
        g.session_to_note = session_id, user.id
    return user


def viewer() -> User | None:
    """The person who looks at the page, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def me() -> User:
    """The person who is logged in, in a view that asks for that."""
    return current_user._get_current_object()


def log_in(user: User, remember: bool) -> None:
    """Give the browser a new session; what an earlier one held, its form tokens too, goes."""
    if browsers.known_to(user.id) is None:
        sessions.warn_of_new_browser(user)
    user.session_token = sessions.start(user, remember, request.user_agent.string, request.remote_addr or '')
    for key in [key for key in session if key not in KEPT]:
        session.pop(key)
    session.permanent = remember
    note_proof()
    login_user(user, remember=False)


def note_proof() -> None:
    """Remember in this browser that the password was typed just now."""
    session['proved_at'] = int(time())


def is_proved() -> bool:
    """True for a while after the password was typed in this browser."""
    return 0 <= time() - session.get('proved_at', 0) < PROVED_SECONDS


def follow_token(user: User) -> None:
    """Let the cookie hold the new token that an act gave to the session at hand; the copies of the old one are dead."""
    if user is current_user._get_current_object():
        session['_user_id'] = user.get_id()


def forget_here(response: Redirect) -> Redirect:
    """Let the browser forget what it kept of the pages of whoever was logged in."""
    response.headers['Clear-Site-Data'] = '"cache", "storage"'
    return response


def log_out() -> None:
    """End the session in every copy of its cookie."""
    user = viewer()
    if user is not None and user.session_token is not None:
        sessions.end(user, user.session_token)
    logout_user()
    session.clear()


def note_use(response: Response) -> Response:
    """After the answer, note that the session was used, at most every five minutes; it may fail into the log."""
    due = g.pop('session_to_note', None)
    if due is not None:
        session.modified = not response.cache_control.public  # the cookie of a remembered session lives on
        note_later(response, sessions.touch, *due)
    return response


def safe_next(fallback: str) -> str:
    """Where the form or the address wants to go on, if that is a path of this site, else the fallback."""
    target = request.form.get('next') or request.args.get('next') or ''
    return target if is_own_path(target) else fallback


def is_own_path(target: str) -> bool:
    """True for a path of this site in a spelling that no browser reads as another host."""
    if not target.startswith('/') or target[1:2] in ('/', '\\') or '\\' in target:
        return False
    if any(character <= ' ' or character == '\x7f' for character in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc and len(quote(target, safe=AS_SENT)) <= LONGEST_ADDRESS
