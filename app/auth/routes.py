"""Registering, logging in and out, and the pages that links in mails lead to."""
from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import _, get_locale
from flask_login import current_user, login_required

from app import browsers, email, limits
from app.auth import bp
from app.auth.forms import ConfirmForm, LoginForm, RegistrationForm, ResetPasswordForm, ResetPasswordRequestForm
from app.auth.sessions import follow_token, forget_here, log_in, log_out, me, safe_next, viewer
from app.exceptions import Forbidden, Refused
from app.extensions import db
from app.forms import refuse
from app.languages import isolated
from app.logs import TOKEN
from app.models import User
from app.services import accounts, credentials


@bp.after_app_request
def keep_link(response: Response) -> Response:
    """Let no browser tell the address of a signed link, not even to this site, whose logs it would reach."""
    if 'token' in (request.view_args or {}) or TOKEN.search(request.path):
        response.headers['Referrer-Policy'] = 'no-referrer'
    return response


@bp.route('/login', methods=['GET', 'POST'])
def login():
    """Log in."""
    if current_user.is_authenticated:
        return redirect(safe_next(url_for('main.index')))
    form = LoginForm()
    if form.validate_on_submit():
        user = accounts.authenticate(form.username.data.strip(), form.password.data)
        if user is not None:
            log_in(user, form.remember_me.data)
            response = browsers.remember(redirect(safe_next(url_for('main.index'))), user.id)
            db.session.commit()
            limits.give_back()
            return response
        db.session.commit()  # that it failed
        form.form_errors = [_('Username, e-mail or password is wrong.')]
    return render_template('auth/login.html', title=_('Log in'), form=form)


@bp.route('/logout', methods=['POST'])
def logout():
    """Log out, in every copy of the cookie."""
    log_out()
    db.session.commit()
    flash(_('You are logged out.'), 'success')
    return forget_here(redirect(url_for('main.index')))


@bp.route('/register', methods=['GET', 'POST'])
def register():
    """Make an account; with mail the answer is the same whether or not the address has one already."""
    if current_user.is_authenticated:
        return redirect(url_for('main.index'))
    if current_app.config['REGISTRATION'] == 'closed':
        return render_template('auth/closed.html', title=_('Create account')), 403
    form = RegistrationForm()
    if form.is_submitted() and (_make_account(form) or _has_made_account(form)):
        _welcome(form.email.data.strip())
        return redirect(url_for('auth.login', next=url_for('main.welcome')))
    return render_template('auth/register.html', title=_('Create account'), form=form)


def _make_account(form: RegistrationForm) -> bool:
    """Make the account; False when something speaks against it, all of which is written at the fields."""
    fields = form.username.data or '', form.email.data or '', form.password.data or ''
    against = accounts.objections(*fields)
    if not form.validate() or against:
        for error in against:
            if not form[error.field].errors:
                refuse(form, error)
        return False
    try:
        accounts.register(*fields, str(get_locale()), form.form_key.data or '')
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        refuse(form, error)
        return False
    return True


def _has_made_account(form: RegistrationForm) -> bool:
    """True when this very form was taken before: what speaks against it now is the account that it made."""
    return accounts.was_registered(form.username.data or '', form.email.data or '', form.form_key.data or '')


def _welcome(address: str) -> None:
    if email.is_configured():
        flash(_('We have sent an e-mail to %(address)s. Open its link to confirm your address.', address=address),
              'success')
    else:
        flash(_('Your account is ready. Log in to begin.'), 'success')


@bp.route('/confirm/<token>', methods=['GET', 'POST'])
def confirm(token):
    """Confirm the address of a new account."""
    user = accounts.of_confirmation_token(token)
    if user is None:
        return _dead_link()
    form = ConfirmForm()
    if form.validate_on_submit():
        accounts.confirm(user)
        db.session.commit()
        flash(_('Your address is confirmed. Welcome, %(name)s.', name=isolated(user.display_name)), 'success')
        welcome = url_for('main.welcome')
        return redirect(welcome if current_user.is_authenticated else url_for('auth.login', next=welcome))
    return render_template('auth/confirm.html', title=_('Confirm your address'), form=form, user=user)


@bp.route('/confirm', methods=['POST'])
@login_required
def resend_confirmation():
    """Send the confirmation link again, not more often than every few minutes."""
    if accounts.send_confirmation(me()):
        db.session.commit()
        flash(_('We have sent you a new e-mail.'), 'success')
    else:
        flash(_('We sent you an e-mail a moment ago. Look for it, also in your spam folder.'), 'info')
    return redirect(safe_next(url_for('main.index')))


@bp.route('/reset_password_request', methods=['GET', 'POST'])
def reset_password_request():
    """Ask for a link; the answer never tells whether the address has an account."""
    if current_user.is_authenticated:
        return redirect(url_for('settings.password'))
    form = ResetPasswordRequestForm()
    if email.is_configured() and form.validate_on_submit():
        try:
            credentials.request_reset(form.email.data)
            db.session.commit()
        except Refused as error:
            refuse(form, error)
        else:
            flash(_('If this address has an account, an e-mail with a link is on its way.'), 'success')
            return redirect(url_for('auth.login'))
    return render_template('auth/reset_password_request.html', title=_('Set a new password'), form=form,
                           has_mail=email.is_configured())


@bp.route('/reset_password/<token>', methods=['GET', 'POST'])
def reset_password(token):
    """Set a new password by a link; looking at it changes nothing, using it ends it."""
    user = User.verify_reset_password_token(token)
    if user is None or not user.is_active:
        return _dead_link()
    form = ResetPasswordForm()
    if form.validate_on_submit():
        try:
            credentials.reset_password(user, form.password.data)
        except Refused as error:
            refuse(form, error)
        else:
            log_out()
            db.session.commit()
            flash(_('Your password is set. Log in with it.'), 'success')
            return redirect(url_for('auth.login'))
    return render_template('auth/reset_password.html', title=_('Set a new password'), form=form, user=user)


@bp.route('/change_email/<token>', methods=['GET', 'POST'])
def change_email(token):
    """Make a new address the account's; a browser in which its owner is logged in stays so."""
    viewer()  # before the account is loaded by its token, which knows of no session
    found = credentials.of_change_token(token)
    if found is None:
        return _dead_link()
    user, address = found
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            credentials.change_email(user, address)
            follow_token(user)
            db.session.commit()
        except Refused as error:
            raise Forbidden(error.message) from error
        flash(_('Your address is %(address)s now.', address=address), 'success')
        return redirect(url_for('settings.index' if current_user.is_authenticated else 'auth.login'))
    return render_template('auth/change_email.html', title=_('Confirm your address'), form=form, email=address)


def _dead_link():
    return render_template('auth/dead_link.html', title=_('This link does not work any more')), 403
