"""How the site looks for a person, what others see of them, and what they hear of."""
from flask import flash, redirect, render_template, url_for
from flask_babel import _, refresh
from flask_login import login_required

from app.auth.sessions import me
from app.email import is_configured, is_refused
from app.extensions import db
from app.forms import Form
from app.policies.notifications import KINDS, Ways
from app.queries import messages as writing
from app.queries import notifications as told
from app.queries import people, relations
from app.services import messages as letting
from app.services import notifications as telling
from app.services import people as acts
from app.settings import bp
from app.settings.forms import LookForm, MessagesForm, NotificationsForm, PrivacyForm


@bp.route('')
@login_required
def index():
    """All settings."""
    return page()


@bp.route('/look', methods=['POST'])
@login_required
def look():
    """Save theme, language and time zone."""
    form = LookForm(obj=me())
    if not form.validate_on_submit():
        return page(look=form)
    form.populate_obj(me())
    db.session.commit()
    refresh()
    flash(_('Your display settings are saved.'), 'success')
    return redirect(url_for('settings.index'))


@bp.route('/privacy', methods=['POST'])
@login_required
def privacy():
    """Save what others see."""
    form = PrivacyForm()
    if not form.validate_on_submit():
        return page(privacy=form)
    me().show_last_seen = form.show_last_seen.data
    acts.let_be_found(me(), form.is_findable.data)
    db.session.commit()
    flash(_('Your privacy settings are saved.'), 'success')
    return redirect(url_for('settings.index'))


@bp.route('/messages', methods=['POST'])
@login_required
def messages():
    """Save who may write to one."""
    form = MessagesForm()
    if not form.validate_on_submit():
        return page(messages=form)
    letting.choose(me(), form.accepts.data)
    db.session.commit()
    flash(_('Your message settings are saved.'), 'success')
    return redirect(url_for('settings.index'))


@bp.route('/notifications', methods=['POST'])
@login_required
def notifications():
    """Save what one hears of, and where; without mail on this site nothing is changed about mails."""
    form = NotificationsForm()
    if not form.validate_on_submit():
        return page(told=form)
    chosen = form.chosen()
    if not is_configured():
        before = told.ways(me().id)
        chosen = {kind: Ways(chosen[kind].site, before[kind].mail) for kind in chosen}
    telling.choose(me(), chosen)
    db.session.commit()
    flash(_('Your notification settings are saved.'), 'success')
    return redirect(url_for('settings.index'))


def page(**sent: Form) -> str:
    """The page with the forms that have no page of their own, one of them as it was sent."""
    privacy = PrivacyForm(formdata=None, show_last_seen=me().show_last_seen, is_findable=people.is_findable(me()))
    forms = {'look': LookForm(formdata=None, obj=me()), 'privacy': privacy,
             'messages': MessagesForm(formdata=None, accepts=writing.accepts(me())),
             'told': NotificationsForm.of(told.ways(me().id)), **sent}
    return render_template('settings/index.html', title=_('Settings'), kinds=KINDS, has_mail=is_configured(),
                           is_mail_refused=is_refused(me().email), is_private=relations.is_private(me()), **forms)
