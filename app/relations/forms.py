"""The forms of `relations`."""
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SubmitField

from app.forms import Form

SPANS = {'hour': timedelta(hours=1), 'day': timedelta(days=1), 'week': timedelta(weeks=1), 'always': None}
NAMES = {'hour': _l('For an hour'), 'day': _l('For a day'), 'week': _l('For a week'), 'always': _l('Until I unmute')}


class MuteForm(Form):
    """For how long, and of what."""

    span = RadioField(_l('How long'), default='always')
    hides_notifications = BooleanField(_l('No notifications from them either'), default=True)
    submit = SubmitField(_l('Mute'))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.span.choices = {span: str(name) for span, name in NAMES.items()}
