"""The form of `exports`."""
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from app.auth.forms import REQUIRED
from app.forms import Form, new_form_key


class ExportForm(Form):
    """Prove who one is: a browser that was left open must not give everything away."""

    current_password = PasswordField(_l('Current password'), validators=[REQUIRED])
    form_key = HiddenField(default=new_form_key)
