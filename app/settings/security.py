"""Password, address, sessions, and leaving."""
from itertools import groupby
from types import SimpleNamespace

from flask import flash, redirect, render_template, url_for
from flask_babel import _
from flask_login import login_required, logout_user
from flask_wtf import FlaskForm

from app import limits
from app.auth.sessions import follow_token, forget_here, me
from app.devices import describe
from app.events import COMMAND_LINE
from app.exceptions import Refused
from app.extensions import db
from app.forms import refuse
from app.models import UserSession, email_key
from app.queries import events
from app.queries import sessions as reading
from app.services import accounts, credentials, sessions
from app.settings import bp
from app.settings.forms import DeleteAccountForm, EmailForm, PasswordForm


@bp.route('/password', methods=['GET', 'POST'])
@login_required
def password():
    """Change the password; every other browser is logged out."""
    form = PasswordForm()
    if carried_out(form, lambda: credentials.change_password(me(), form.current_password.data, form.password.data)):
        flash(_('Your password is changed. All other devices are logged out.'), 'success')
        return redirect(url_for('settings.index'))
    return render_template('settings/password.html', title=_('Change password'), form=form)


@bp.route('/email', methods=['GET', 'POST'])
@login_required
def email():
    """Change the e-mail address."""
    form = EmailForm()
    address = (form.email.data or '').strip()
    if carried_out(form, lambda: credentials.request_email_change(me(), address, form.current_password.data)):
        if me().email_key == email_key(address):
            flash(_('Your address is %(address)s now.', address=me().email), 'success')
        else:
            flash(_('We have sent an e-mail to %(address)s. Open its link to confirm your address.', address=address),
                  'success')
        return redirect(url_for('settings.index'))
    return render_template('settings/email.html', title=_('Change e-mail address'), form=form)


@bp.route('/sessions', endpoint='sessions')
@login_required
def list_sessions():
    """Where one is logged in."""
    own = UserSession.hash_of(me().session_token or '')
    rows = [SimpleNamespace(id=row.id, device=device(row.user_agent), address=row.address, created_at=row.created_at,
                            last_used_at=row.last_used_at, is_current=row.token_hash == own)
            for row in reading.of_user(me(), own)]
    return render_template('settings/sessions.html', title=_('Where you are logged in'), sessions=rows)


@bp.route('/events', endpoint='events')
@login_required
def list_events():
    """What happened to the account lately; the same several times in a row is one line."""
    def same(row):
        return row.kind, row.address, row.browser, row.reason
    lines = []
    for (kind, address, browser, reason), rows in groupby(events.of_user(me()), same):
        several = list(rows)
        lines.append(SimpleNamespace(kind=kind, address=address, device=device(browser), reason=reason,
                                     count=len(several), is_ours=address in ('', COMMAND_LINE),
                                     created_at=several[0].created_at))
    return render_template('settings/events.html', title=_('Recent activity'), events=lines)


@bp.route('/sessions/<id:id>/end', methods=['POST'])
@login_required
def end_session(id):
    """Log out of one browser."""
    sessions.end_one(me(), id)
    db.session.commit()
    flash(_('That device is logged out.'), 'success')
    return redirect(url_for('settings.sessions'))


@bp.route('/sessions/end', methods=['POST'])
@login_required
def end_other_sessions():
    """Log out everywhere else."""
    sessions.end_for_others(me())
    follow_token(me())
    db.session.commit()
    flash(_('All other devices are logged out.'), 'success')
    return redirect(url_for('settings.sessions'))


@bp.route('/delete', methods=['GET', 'POST'])
@login_required
def delete_account():
    """Leave: the account and all its posts go."""
    form = DeleteAccountForm()
    if carried_out(form, lambda: leave(form.current_password.data)):
        logout_user()
        flash(_('Your account is deleted.'), 'success')
        return forget_here(redirect(url_for('main.explore')))
    return render_template('settings/delete_account.html', title=_('Delete account'), form=form)


def leave(password: str) -> None:
    """Delete the viewer's account after its password."""
    credentials.check_current(me(), password)
    accounts.delete(me())


def carried_out(form: FlaskForm, act) -> bool:
    """Run the act of a form that was sent, and commit; False when none was, or when it says at a field why not."""
    if not form.validate_on_submit():
        limits.give_back()  # whatever is wrong, no password was tried
        return False
    try:
        act()
        follow_token(me())
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        refuse(form, error)
        if error.field != 'current_password':
            limits.give_back()
        return False
    limits.give_back()
    return True


def device(user_agent: str) -> str:
    """A browser in words."""
    browser, system = describe(user_agent)
    if browser and system:
        return _('%(browser)s on %(system)s', browser=browser, system=system)
    return browser or system or _('Unknown device')
