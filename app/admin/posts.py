"""Looking after posts, and after work in the background."""
from flask import flash, redirect, render_template, request, url_for
from flask_babel import _, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, SubmitField

from app.admin import bp
from app.admin.guarding import for_admins
from app.auth.forms import REQUIRED
from app.auth.sessions import me
from app.extensions import db
from app.forms import Form
from app.queries import moderation as reading
from app.services import moderation
from app.services import tasks as work
from app.settings.security import carried_out


class RemoveForm(Form):
    """Why a post goes."""

    reason = StringField(_l('Reason'), validators=[REQUIRED], description=_l('Its author reads it.'))
    submit = SubmitField(_l('Remove post'))


@bp.route('/admin/posts')
@for_admins
def posts():
    """The newest posts, of everybody or of one."""
    author = request.args.get('author', '').strip()[:30]
    return render_template('admin/posts.html', title=_('Posts'), author=author, posts=reading.posts(author))


@bp.route('/admin/posts/<id:id>', methods=['GET', 'POST'])
@for_admins
def remove_post(id):
    """Ask for a reason, then remove."""
    post, form = reading.post(id), RemoveForm()
    if carried_out(form, lambda: moderation.remove(me(), post, form.reason.data)):
        flash(_('The post is removed.'), 'success')
        return redirect(url_for('admin.posts'))
    return render_template('admin/remove_post.html', title=_('Remove this post?'), post=post, form=form)


@bp.route('/admin/tasks/retry', methods=['POST'])
@for_admins
def retry_tasks():
    """Try again what was given up."""
    count = work.retry(None)
    db.session.commit()
    flash(ngettext('%(num)s task runs again.', '%(num)s tasks run again.', count), 'success')
    return redirect(url_for('admin.status'))
