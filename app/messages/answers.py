"""What one does with a conversation besides writing: accept or decline a request, delete for oneself."""
from flask import flash, redirect, render_template, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me
from app.exceptions import NotFound
from app.extensions import db
from app.forms import Form
from app.languages import isolated
from app.messages import bp
from app.messages.routes import address
from app.queries import messages as reading
from app.services import conversations


@bp.route('/send_message/<recipient>/accept', methods=['POST'])
@login_required
def accept(recipient):
    """Accept somebody's request."""
    person = reading.person(me(), recipient)
    conversations.accept(me(), person)
    db.session.commit()
    return redirect(address(person))


@bp.route('/send_message/<recipient>/decline', methods=['POST'])
@login_required
def decline(recipient):
    """Decline somebody's request."""
    conversations.decline(me(), reading.person(me(), recipient))
    db.session.commit()
    flash(_('The request is declined.'), 'success')
    return redirect(url_for('messages.requests'))


@bp.route('/send_message/<recipient>/delete', methods=['GET', 'POST'])
@login_required
def delete(recipient):
    """Ask once more, then delete a conversation for oneself."""
    person = reading.person(me(), recipient)
    form = Form()
    if form.validate_on_submit():
        conversations.delete(me(), person)
        db.session.commit()
        flash(_('The conversation is deleted.'), 'success')
        return redirect(url_for('messages.index'))
    if not reading.talk(me(), person, None, None, 1).messages:
        raise NotFound('conversation')
    title = _('Delete the conversation with %(name)s?', name=isolated(person.display_name))
    return render_template('messages/delete.html', title=title, form=form, person=person)


@bp.route('/messages/<id:id>/delete', methods=['GET', 'POST'])
@login_required
def delete_message(id):
    """Ask once more, then delete a message for oneself."""
    message, person = reading.one(me(), id)
    form = Form()
    if form.validate_on_submit():
        conversations.delete_message(me(), message, person)
        db.session.commit()
        flash(_('The message is deleted.'), 'success')
        return redirect(url_for('messages.send_message', recipient=person.username))
    return render_template('messages/delete_message.html', title=_('Delete this message?'), form=form, person=person,
                           message=message)
