"""Who may open the pages of those who run the site, and that they are who they seem to be."""
from functools import wraps

from flask import redirect, render_template, request, url_for
from flask_babel import _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from wtforms import HiddenField, PasswordField, SubmitField

from app.admin import bp
from app.auth.forms import REQUIRED
from app.auth.sessions import is_proved, me, note_proof, safe_next
from app.forms import Form
from app.policies.accounts import check_is_admin
from app.services import credentials
from app.settings.security import carried_out


class ProofForm(Form):
    """Prove who one is: a browser that was left open must not hand over the site."""

    current_password = PasswordField(_l('Current password'), validators=[REQUIRED])
    next = HiddenField()
    submit = SubmitField(_l('Continue'))


def for_admins(view):
    """Nobody else hears of the page, and they have typed their password a short while ago."""
    @wraps(view)
    @login_required
    def guarded(**values):
        check_is_admin(me())
        if not is_proved():
            return redirect(url_for('admin.proof', next=request.path if request.method == 'GET' else None))
        return view(**values)
    return guarded


@bp.route('/admin/proof', methods=['GET', 'POST'])
@login_required
def proof():
    """Ask for the password."""
    check_is_admin(me())
    form = ProofForm(next=safe_next(''))

    def prove() -> None:
        credentials.check_current(me(), form.current_password.data)
        note_proof()
    if carried_out(form, prove):
        return redirect(safe_next(url_for('admin.people')))
    return render_template('admin/proof.html', title=_('Enter your password'), form=form)
