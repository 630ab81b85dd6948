"""How the site looks for a person, and what others see of them."""
from flask import flash, redirect, render_template, url_for
from flask_babel import _, refresh
from flask_login import login_required

from app.auth.sessions import me
from app.extensions import db
from app.settings import bp
from app.settings.forms import LookForm, PrivacyForm


@bp.route('')
@login_required
def index():
    """All settings."""
    return page(LookForm(formdata=None, obj=me()), PrivacyForm(formdata=None, obj=me()))


@bp.route('/look', methods=['POST'])
@login_required
def look():
    """Save theme, language and time zone."""
    form = LookForm(obj=me())
    if not form.validate_on_submit():
        return page(form, PrivacyForm(formdata=None, obj=me()))
    form.populate_obj(me())
    db.session.commit()
    refresh()
    flash(_('Your display settings are saved.'), 'success')
    return redirect(url_for('settings.index'))


@bp.route('/privacy', methods=['POST'])
@login_required
def privacy():
    """Save what others see."""
    form = PrivacyForm(obj=me())
    if not form.validate_on_submit():
        return page(LookForm(formdata=None, obj=me()), form)
    form.populate_obj(me())
    db.session.commit()
    flash(_('Your privacy settings are saved.'), 'success')
    return redirect(url_for('settings.index'))


def page(look: LookForm, privacy: PrivacyForm) -> str:
    """The page with the forms that have no page of their own."""
    return render_template('settings/index.html', title=_('Settings'), look=look, privacy=privacy)
