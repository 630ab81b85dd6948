"""The forms of `messages`."""
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, SubmitField, TextAreaField

from app.forms import Form, new_form_key


class MessageForm(Form):
    """Write to somebody."""

    message = TextAreaField(_l('Message'))
    form_key = HiddenField(default=new_form_key)
    submit = SubmitField(_l('Send'))


class NewMessageForm(MessageForm):
    """Say first to whom."""

    recipient = StringField(_l('To'), description=_l('The username, such as susan.'))
