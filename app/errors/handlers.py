"""Answers for what went wrong. A page made here asks the database for nothing that the request has not read yet."""
from math import ceil

from flask import Response, current_app, g, jsonify, render_template, request
from flask_babel import ngettext
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from app import events
from app.database import is_unavailable, root
from app.errors import bp
from app.exceptions import AccountGone, Busy, Forbidden, Gone, Interrupted, NotFound, Refused, TooMany
from app.extensions import db
from app.incoming import prefers_json
from app.logs import request_line
from app.models import User

PAGES = (400, 403, 404, 405, 410, 413, 429, 500, 503)
RETRY_SECONDS = '5'
HOUR = 3600
MOST_FIELDS = 30  # that a refused form gets back; none of ours has as many


@bp.app_errorhandler(HTTPException)
def http_error(error: HTTPException):
    """Any refusal of Flask's or Werkzeug's own."""
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, InternalServerError):
        return server_error(error)
    response = answer(error.code)
    if error.code == 403:
        note('permission_refused')
    for name in ('Allow', 'Retry-After', 'WWW-Authenticate'):
        for value in error.get_response().headers.getlist(name):
            response.headers[name] = value
    return response


@bp.app_errorhandler(SecurityError)
def foreign_host(error: SecurityError):
    """A host that is not ours: for a page no address could be built, or one at somebody else's server."""
    events.log_now('host_refused', host=request.environ.get('HTTP_HOST', ''))
    return Response('This address is not served here. The operator sets it with SITE_URL.\n', 400,
                    mimetype='text/plain')


@bp.app_errorhandler(CSRFError)
def form_token(error: CSRFError):
    """A form without a good token: nothing was done, and what was typed is offered again."""
    again = refused_form()
    response = answer(400, page='csrf' if again else '', **again)
    note('form_refused')
    return response


@bp.app_errorhandler(NotFound)
def not_found(error: NotFound):
    """There is nothing here, as far as the viewer may know."""
    return answer(404)


@bp.app_errorhandler(AccountGone)
@bp.app_errorhandler(ObjectDeletedError)
@bp.app_errorhandler(StaleDataError)
def gone_meanwhile(error):
    """What the act had read was deleted before it could write, perhaps the very account that acts."""
    db.session.rollback()
    g._login_user = AnonymousUserMixin()
    return answer(404)


@bp.app_errorhandler(Gone)
def gone(error: Gone):
    """It was here and is deleted."""
    return answer(410)


@bp.app_errorhandler(Forbidden)
def forbidden(error: Forbidden):
    """The viewer may not do this, and hears why."""
    db.session.rollback()
    note('permission_refused')
    return answer(403, message=error.message)


@bp.app_errorhandler(Busy)
@bp.app_errorhandler(Interrupted)  # a second time
def busy(error: Busy | Interrupted):
    """Too much to do right now: 503 with the time to try again."""
    db.session.rollback()
    return pause(sent_form())


@bp.app_errorhandler(TooMany)
def too_many(error: TooMany):
    """One too many: how long to wait, and what was typed is offered again."""
    db.session.rollback()
    response = answer(429, message=in_words(error.seconds), **refused_form())
    response.headers['Retry-After'] = str(error.seconds)
    return response


@bp.app_errorhandler(Refused)
def refused(error: Refused):
    """An act refused what was sent where no form can show it."""
    db.session.rollback()
    return answer(400, message=error.message)


@bp.app_errorhandler(DBAPIError)
@bp.app_errorhandler(PoolTimeout)
def database_error(error):
    """The database does not answer: 503, or 500 when the fault is our own."""
    return server_error(InternalServerError(original_exception=error))


def server_error(error: InternalServerError):
    """A fault: the log gets the traceback, the page the request's number and no question to the database."""
    cause = error.original_exception or error
    db.session.rollback()
    again = sent_form()
    g._login_user = AnonymousUserMixin()
    if is_pause(cause):
        current_app.logger.error('The database does not answer: %s %s', request_line(), brief(cause))
        return pause(again)
    current_app.logger.error('Exception on %s', request_line(), exc_info=cause)
    return answer(500, **again)


def pause(again: dict) -> Response:
    """503 with the time to try again, and the form that was sent."""
    response = answer(503, **again)
    response.headers['Retry-After'] = RETRY_SECONDS
    return response


def is_pause(cause: BaseException) -> bool:
    """True for a fault that goes by itself once the database answers again."""
    return isinstance(cause, PoolTimeout) or (isinstance(cause, DBAPIError) and is_unavailable(cause))


def brief(cause: BaseException) -> str:
    """What the database said, without the statement and what people typed into it."""
    fault = root(cause).orig if isinstance(cause, DBAPIError) else type(cause).__name__
    return ' '.join(str(fault).split())[:300]


def answer(code: int, message: str = '', page: str = '', **values) -> Response:
    """The page or the JSON for a status."""
    if prefers_json():
        response = jsonify(error=code, message=str(message), request_id=g.get('request_id', '-'))
    else:
        page = page or str(code if code in PAGES else 400 if code < 500 else 500)
        response = current_app.make_response(render_template(f'errors/{page}.html', message=message, **values))
    response.status_code = code
    return response


def refused_form() -> dict:
    """What a page needs to offer the form again that was sent, without the passwords in it."""
    typed = [(name, value) for name, value in request.form.items(multi=True)
             if name != 'csrf_token' and not is_secret(name)]
    secrets = [name for name in request.form if is_secret(name) and request.form[name]]
    if len(typed) + len(secrets) > MOST_FIELDS:
        return {}
    return {'fields': typed, 'secrets': secrets, 'action': request.full_path.rstrip('?')}


def sent_form() -> dict:
    """The same after a fault, which may have come before the form was read."""
    was_read = request.method == 'POST' and request.endpoint is not None and 'form' in request.__dict__
    return refused_form() if was_read else {}


def in_words(seconds: int) -> str:
    """How long to wait, in a sentence: in minutes, from two hours on in hours; rounded up."""
    if seconds > 2 * HOUR:
        return ngettext('This was done too often. Wait %(num)s hour, then send it again.',
                        'This was done too often. Wait %(num)s hours, then send it again.', ceil(seconds / HOUR))
    return ngettext('This was done too often. Wait %(num)s minute, then send it again.',
                    'This was done too often. Wait %(num)s minutes, then send it again.', ceil(seconds / 60))


def note(kind: str) -> None:
    """Log a refusal with who is known to have asked, and without asking the database who that is."""
    user = g.get('_login_user')
    events.log_now(kind, user if isinstance(user, User) else None, endpoint=request.endpoint or '-')


def is_secret(name: str) -> bool:
    """True for a field whose content is never shown again."""
    return 'password' in name.lower()
