"""Who asks to follow one, and whether one wants to be asked."""
from flask import flash, redirect, render_template, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me, safe_next
from app.extensions import db
from app.forms import Form
from app.languages import isolated
from app.queries import relations as reading
from app.relations import bp
from app.relations.lists import page_wanted
from app.relations.routes import find
from app.services import private, requests


@bp.route('/follow_requests')
@login_required
def follow_requests():
    """Who asks to follow one."""
    people, newer, older = reading.requests(me(), *page_wanted())
    return render_template('relations/requests.html', title=_('Follow requests'), people=people, newer=newer,
                           older=older)


@bp.route('/follow_requests/<username>/accept', methods=['POST'])
@login_required
def accept(username):
    """Let somebody follow who asks to."""
    user = find(username)
    requests.accept(me(), user)
    db.session.commit()
    flash(_('%(name)s follows you now.', name=isolated(user.display_name)), 'success')
    return redirect(safe_next(url_for('relations.follow_requests')))


@bp.route('/follow_requests/<username>/decline', methods=['POST'])
@login_required
def decline(username):
    """Turn a request down."""
    requests.decline(me(), find(username))
    db.session.commit()
    flash(_('The request is declined.'), 'success')
    return redirect(safe_next(url_for('relations.follow_requests')))


@bp.route('/settings/private', methods=['GET', 'POST'])
@login_required
def close():
    """Say what changes, then be asked by who would follow."""
    form = Form()
    if form.validate_on_submit():
        private.close(me())
        db.session.commit()
        flash(_('Your account is private. What you have written is being narrowed to your followers.'), 'success')
        return redirect(url_for('settings.index', _anchor='privacy'))
    return render_template('relations/private.html', title=_('Make the account private?'), form=form, closes=True)


@bp.route('/settings/public', methods=['GET', 'POST'])
@login_required
def reopen():
    """Say what changes, then let everybody follow again."""
    form = Form()
    if form.validate_on_submit():
        private.reopen(me())
        db.session.commit()
        flash(_('Your account is public. Everybody may follow you.'), 'success')
        return redirect(url_for('settings.index', _anchor='privacy'))
    return render_template('relations/private.html', title=_('Make the account public?'), form=form, closes=False)
