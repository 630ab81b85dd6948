"""What the site is called, its rules, and what stands over every page."""
from flask import flash, redirect, render_template, url_for
from flask_babel import _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, SubmitField, TextAreaField

from app import words
from app.admin import bp
from app.admin.guarding import for_admins
from app.auth.forms import REQUIRED
from app.auth.sessions import me
from app.forms import Form
from app.models import BANNER_MAX, RULES_MAX, SITE_NAME_MAX
from app.services import site as describing
from app.settings.security import carried_out


class SiteForm(Form):
    """Say what this site is."""

    name = StringField(_l('Name of the site'), validators=[REQUIRED],
                       description=_l('Up to %(limit)s characters. It stands on every page and in every e-mail.',
                                      limit=SITE_NAME_MAX))
    banner = TextAreaField(_l('Banner'), description=_l(
        'Up to %(limit)s characters. It stands on every page until you empty it.', limit=BANNER_MAX))
    rules = TextAreaField(_l('Rules'), description=_l(
        'Up to %(limit)s characters. They have their own page; whoever signs up finds it.', limit=RULES_MAX))
    submit = SubmitField(_l('Save site settings'))


@bp.route('/admin/site', methods=['GET', 'POST'])
@for_admins
def site():
    """Say what this site is called, what it asks of people, and what they should know now."""
    words.read()
    form = SiteForm(data=words.current()._asdict())

    def save() -> None:
        describing.describe(me(), form.name.data or '', form.rules.data or '', form.banner.data or '')
    if carried_out(form, save):
        words.read()
        flash(_('The site settings are saved. Every page shows them within ten seconds.'), 'success')
        return redirect(url_for('admin.site'))
    return render_template('admin/site.html', title=_('Site'), form=form)
