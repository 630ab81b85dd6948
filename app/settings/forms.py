"""The forms of `settings`."""
from flask_babel import _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, RadioField, SelectField, SubmitField

from app import languages
from app.auth.forms import REQUIRED, SAME
from app.forms import Form

THEMES = {'auto': _l('Like my device'), 'light': _l('Light'), 'dark': _l('Dark')}


class LookForm(Form):
    """Theme, language and time zone."""

    theme = RadioField(_l('Theme'))
    language = SelectField(_l('Language'))
    timezone = SelectField(_l('Time zone'))
    submit = SubmitField(_l('Save display'))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.theme.choices = {theme: str(name) for theme, name in THEMES.items()}
        self.language.choices = {'': _('Like my browser'), **languages.names()}
        zones = languages.timezones()
        self.timezone.choices = {'': _('Like my browser'), 'UTC': 'UTC', **dict(zip(zones, zones, strict=True))}


class PrivacyForm(Form):
    """What others see."""

    show_last_seen = BooleanField(_l('Show others the day I was last here'))
    submit = SubmitField(_l('Save privacy settings'))


class PasswordForm(Form):
    """Change the password."""

    current_password = PasswordField(_l('Current password'), validators=[REQUIRED])
    password = PasswordField(_l('New password'), validators=[REQUIRED],
                             description=_l('At least 8 characters. A few words in a row are good.'))
    password2 = PasswordField(_l('New password again'), validators=[REQUIRED, SAME])
    submit = SubmitField(_l('Change password'))


class EmailForm(Form):
    """Change the e-mail address."""

    email = EmailField(_l('New e-mail address'), validators=[REQUIRED])
    current_password = PasswordField(_l('Current password'), validators=[REQUIRED])
    submit = SubmitField(_l('Change address'))


class DeleteAccountForm(Form):
    """Leave for good."""

    current_password = PasswordField(_l('Current password'), validators=[REQUIRED])
    submit = SubmitField(_l('Delete account'))
