"""What Prometheus asks: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format."""
import hmac

from flask import Response, abort, current_app, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import metrics
from app.admin import bp
from app.extensions import db
from app.queries import site

TEXT = 'text/plain; version=0.0.4; charset=utf-8'


@bp.route('/metrics')
def figures():
    """Figures for whoever has the token; without one there is no such page."""
    token = current_app.config['METRICS_TOKEN']
    if not token:
        abort(404)
    if not hmac.compare_digest(request.headers.get('Authorization', '').encode(), f'Bearer {token}'.encode()):
        return Response('The token is missing or wrong.\n', 401, {'WWW-Authenticate': 'Bearer'}, mimetype='text/plain')
    return Response(metrics.exposition(_gauges()), content_type=TEXT)


def _gauges() -> list[tuple[str, str, float]]:
    """What the database knows."""
    try:
        numbers, (age, _errors) = site.numbers(), site.backlog()
    except (DBAPIError, PoolTimeout):
        return [('database_up', 'Whether the database answers', 0)]
    finally:
        db.session.rollback()
    return [('database_up', 'Whether the database answers', 1),
            ('tasks_waiting', 'Tasks that wait', numbers.waiting), ('tasks_running', 'Tasks that run', numbers.running),
            ('tasks_given_up', 'Tasks that were given up in the last week', numbers.failed),
            ('oldest_task_seconds', 'How long the oldest task that is due has waited', age)]
