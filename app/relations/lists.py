"""Whom one has blocked and muted."""
from flask import current_app, render_template, request
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me
from app.queries import relations as reading
from app.relations import bp


@bp.route('/settings/blocked')
@login_required
def blocked():
    """Whom one has blocked."""
    people, newer, older = reading.blocked(me(), *page_wanted())
    return render_template('relations/blocked.html', title=_('Blocked people'), people=people, newer=newer, older=older)


@bp.route('/settings/muted')
@login_required
def muted():
    """Whom one has muted."""
    people, newer, older = reading.muted(me(), *page_wanted())
    return render_template('relations/muted.html', title=_('Muted people'), people=people, newer=newer, older=older,
                           mutes=reading.mutes_of(me(), people))


def page_wanted() -> tuple[str | None, str | None, int]:
    """Where the page begins, and how many people it shows."""
    return request.args.get('before'), request.args.get('after'), current_app.config['POSTS_PER_PAGE']
