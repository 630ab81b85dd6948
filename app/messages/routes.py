"""The list of conversations, a conversation, and writing to somebody."""
from flask import current_app, make_response, redirect, render_template, request, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me
from app.bookkeeping import note_later
from app.exceptions import AccountGone, Forbidden, NotFound, Refused
from app.extensions import db
from app.forms import refuse
from app.incoming import cursor
from app.languages import isolated
from app.messages import bp
from app.messages.forms import MessageForm, NewMessageForm
from app.models import Conversation, MessageSetting, User
from app.policies.messages import check_is_another, is_there
from app.queries import messages as reading
from app.services import conversations, messages


@bp.route('/messages')
@login_required
def index():
    """All conversations, the newest first."""
    return page_of(_('Messages'), Conversation.OPEN)


@bp.route('/messages/requests')
@login_required
def requests():
    """Conversations that others would like to begin."""
    return page_of(_('Message requests'), Conversation.REQUEST)


@bp.route('/messages/new', methods=['GET', 'POST'])
@login_required
def new():
    """Write to somebody whose name is typed here."""
    form = NewMessageForm()
    if form.validate_on_submit():
        name = (form.recipient.data or '').strip().removeprefix('@')
        try:
            person = reading.person(me(), name)
            check_is_another(me(), person)
        except NotFound:
            refuse(form, nobody())
        except Forbidden as error:
            refuse(form, Refused('recipient', error.message))
        else:
            if send(form, person):
                return redirect(address(person))
    return compose(form)


@bp.route('/send_message/<recipient>', methods=['GET', 'POST'])
@login_required
def send_message(recipient):
    """What one has of a conversation, and a field to go on writing."""
    form = MessageForm()
    try:
        person = reading.person(me(), recipient)
        check_is_another(me(), person)
        if form.validate_on_submit() and send(form, person):
            return redirect(address(person))
    except NotFound as error:
        return kept(recipient, error)
    if person.username != recipient and request.method == 'GET':
        return redirect(url_for('messages.send_message', recipient=person.username))
    return show(form, person)


def send(form: MessageForm, person: User) -> bool:
    """Send what a form holds; False when the act wrote at the field why not."""
    try:
        messages.send(me(), person, form.message.data or '', form.form_key.data or '')
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        refuse(form, error)
        return False
    return True


def show(form: MessageForm, person: User):
    """A conversation, which is read by looking at it."""
    now = reading.standing(me(), person)
    talk = reading.talk(me(), person, cursor('before'), cursor('after'), count())
    others = reading.conversations(me(), Conversation.OPEN, None, None, count()).lines
    response = make_response(render_template(
        'messages/talk.html', title=_('Messages with %(name)s', name=isolated(person.display_name)), form=form,
        person=person, talk=talk, others=others, read_id=now.read_id if now.unread else None,
        looked_at=0 if talk.newer else now.unread, is_request=now.own_state == Conversation.REQUEST,
        is_there=is_there(person), takes_none=now.accepts == MessageSetting.NOBODY,
        i_take_none=now.own_accepts == MessageSetting.NOBODY))
    if now.unread and talk.messages and talk.messages[-1].id > now.read_id:
        note_later(response, conversations.look_at, me().id, person.id, talk.messages[-1].id)
    return response


def kept(recipient: str, error: NotFound):
    """What was written to somebody who is not here (any more) is not lost."""
    if request.method != 'POST' or isinstance(error, AccountGone):
        raise error
    db.session.rollback()
    form = NewMessageForm()
    form.recipient.data = recipient
    refuse(form, nobody())
    return compose(form), 404


def compose(form: NewMessageForm) -> str:
    """The page with a field for the name of the recipient."""
    return render_template('messages/new.html', title=_('New message'), form=form)


def nobody() -> Refused:
    """What is said of a name that nobody has, or somebody whom the viewer may not know of."""
    return Refused('recipient', _('There is nobody with this name.'))


def page_of(title: str, state: str) -> str:
    """A page of conversations in a state."""
    found = reading.conversations(me(), state, cursor('before'), cursor('after'), count())
    return render_template('messages/index.html', title=title, found=found, requests=reading.number_of_requests(me()),
                           most_requests=reading.MOST_COUNTED)


def address(person: User) -> str:
    """Where the end of a conversation is."""
    return url_for('messages.send_message', recipient=person.username, _anchor='newest')


def count() -> int:
    """How much one page shows."""
    return current_app.config['POSTS_PER_PAGE']
