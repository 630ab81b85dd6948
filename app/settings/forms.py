"""The forms of `settings`."""
from flask_babel import _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, RadioField, SelectField, SelectMultipleField, SubmitField

from app import languages
from app.auth.forms import REQUIRED, SAME
from app.forms import Form
from app.models import MessageSetting
from app.policies.notifications import KINDS, Ways

WRITERS = {MessageSetting.EVERYONE: _l('Everyone'),
           MessageSetting.FOLLOWING: _l('People I follow and have written with; others ask first'),
           MessageSetting.NOBODY: _l('Nobody')}
THEMES = {'auto': _l('Like my device'), 'light': _l('Light'), 'dark': _l('Dark')}


class LookForm(Form):
    """Theme, language and time zone."""

    theme = RadioField(_l('Theme'))
    language = SelectField(_l('Language'))
    timezone = SelectField(_l('Time zone'))
    shortcuts = BooleanField(_l('Use keyboard shortcuts'), description=_l(
        'One key for one act, such as j for the next post. The key ? shows the list.'))
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
    is_findable = BooleanField(_l('My public posts may be found by search'))
    submit = SubmitField(_l('Save privacy settings'))


class NotificationsForm(Form):
    """What one hears of: the kinds that are ticked for the site, and those for mail."""

    site = SelectMultipleField(_l('On the site'), choices=list(KINDS))
    mail = SelectMultipleField(_l('By e-mail'), choices=list(KINDS))
    submit = SubmitField(_l('Save notifications'))

    @classmethod
    def of(cls, ways: dict[str, Ways]) -> 'NotificationsForm':
        """The form as it is filled in now."""
        return cls(formdata=None, site=[kind for kind in ways if ways[kind].site],
                   mail=[kind for kind in ways if ways[kind].mail])

    def chosen(self) -> dict[str, Ways]:
        """What is ticked."""
        return {kind: Ways(kind in (self.site.data or ()), kind in (self.mail.data or ())) for kind in KINDS}


class MessagesForm(Form):
    """Who may write to one."""

    accepts = RadioField(_l('Who may write to you'))
    submit = SubmitField(_l('Save message settings'))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.accepts.choices = {accepts: str(name) for accepts, name in WRITERS.items()}


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
