"""Looking after people: find one, keep them out, log them out, delete them."""
from flask import flash, redirect, render_template, request, url_for
from flask_babel import _

from app.admin import bp
from app.admin.guarding import for_admins
from app.auth.sessions import me
from app.extensions import db
from app.queries import moderation as reading
from app.queries import sessions
from app.services import moderation

LONGEST = 120


@bp.route('/admin/people')
@for_admins
def people():
    """Accounts, by the beginning of a name or an address."""
    words = request.args.get('q', '').strip()[:LONGEST]
    return render_template('admin/people.html', title=_('People'), words=words, people=reading.people(words))


@bp.route('/admin/people/<username>')
@for_admins
def person(username):
    """One account, and what can be done."""
    user = reading.person(username)
    return render_template('admin/person.html', title=f'@{user.username}', user=user, sessions=sessions.of_user(user))


@bp.route('/admin/people/<username>/suspend', methods=['POST'])
@for_admins
def suspend(username):
    """Keep somebody out."""
    return _done(username, moderation.suspend, _('The account is suspended.'))


@bp.route('/admin/people/<username>/reinstate', methods=['POST'])
@for_admins
def reinstate(username):
    """Let somebody in again."""
    return _done(username, moderation.reinstate, _('The account is active again.'))


@bp.route('/admin/people/<username>/sign_out', methods=['POST'])
@for_admins
def sign_out(username):
    """Log somebody out everywhere."""
    return _done(username, moderation.sign_out, _('They are logged out everywhere.'))


@bp.route('/admin/people/<username>/delete', methods=['GET', 'POST'])
@for_admins
def delete(username):
    """Ask, then delete."""
    user = reading.person(username)
    if request.method != 'POST':
        return render_template('admin/delete.html', title=_('Delete @%(username)s?', username=user.username), user=user)
    moderation.delete(me(), user)
    db.session.commit()
    flash(_('The account is deleted.'), 'success')
    return redirect(url_for('admin.people'))


def _done(username: str, act, sentence: str):
    """Act, commit, and go back to the account."""
    user = reading.person(username)
    act(me(), user)
    db.session.commit()
    flash(sentence, 'success')
    return redirect(url_for('admin.person', username=user.username))
