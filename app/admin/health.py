"""What load balancers and watchers ask. They call a host by its number, so these two addresses take any host."""
import time

from flask import current_app, jsonify, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import email, search
from app.admin import bp
from app.extensions import db
from app.queries import site

ASKED_EVERY = 2  # seconds: however many ask, the database is asked once
BEHIND_SECONDS = 120
FINE = ('ok', 'off', 'filling')  # the last: search answers, and soon with everything


@bp.route('/healthz')
def healthz():
    """The process answers; nothing else is asked. Whoever asks is told who they seem to be, for `flask doctor`."""
    return jsonify(status='ok', address=request.remote_addr, secure=request.is_secure)


@bp.route('/readyz')
def readyz():
    """Whether pages can be served: 503 without the database or before its migrations, 200 when only a part is weak."""
    kept = current_app.extensions.get('readiness')
    if kept is None or kept[0] < time.monotonic():
        kept = current_app.extensions['readiness'] = time.monotonic() + ASKED_EVERY, readiness()
    state = kept[1]
    response = jsonify(state)
    if state['status'] == 'unavailable':
        response.status_code = 503
        response.headers['Retry-After'] = '5'
    return response


def readiness() -> dict:
    """Each part in a word, and what they come to."""
    try:
        database = site.schema()
        if database != 'ok':
            return {'status': 'unavailable', 'database': database}
        parts = weak_parts()
    except (DBAPIError, PoolTimeout):
        return {'status': 'unavailable', 'database': 'down'}
    finally:
        db.session.rollback()
    is_fine = all(parts[name] in FINE for name in ('tasks', 'mail', 'search'))
    return {'status': 'ok' if is_fine else 'degraded', 'database': database, **parts}


def weak_parts() -> dict:
    """What may be down while pages are served: work in the background, mail, search."""
    age, errors = site.backlog()
    mail = 'off' if not email.is_configured() else 'degraded' if any(map(email.is_away, errors)) else 'ok'
    return {'tasks': 'ok' if age < BEHIND_SECONDS else 'degraded', 'oldest_task_seconds': round(age), 'mail': mail,
            'search': search.state()}
