"""The forms of `auth`. What is allowed is decided by the acts; forms only say what is there to fill in."""
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, StringField, SubmitField
from wtforms.validators import DataRequired, EqualTo

from app.forms import Form, new_form_key

REQUIRED = DataRequired(_l('Fill this in.'))
SAME = EqualTo('password', _l('The two passwords differ.'))


class LoginForm(Form):
    """Log in by username or e-mail address."""

    username = StringField(_l('Username or e-mail'), validators=[REQUIRED])
    password = PasswordField(_l('Password'), validators=[REQUIRED])
    remember_me = BooleanField(_l('Stay logged in for 30 days'))
    submit = SubmitField(_l('Log in'))


class RegistrationForm(Form):
    """Make an account."""

    username = StringField(_l('Username'), validators=[REQUIRED],
                           description=_l('Letters a-z, digits and _, up to 30. You can change it later.'))
    email = EmailField(_l('E-mail'), validators=[REQUIRED],
                       description=_l('Never shown. For logging in and for e-mails that you ask for.'))
    password = PasswordField(_l('Password'), validators=[REQUIRED],
                             description=_l('At least 8 characters. A few words in a row are good.'))
    password2 = PasswordField(_l('Password again'), validators=[REQUIRED, SAME])
    form_key = HiddenField(default=new_form_key)
    submit = SubmitField(_l('Create account'))


class ResetPasswordRequestForm(Form):
    """Ask for a link that sets a new password."""

    email = EmailField(_l('E-mail'), validators=[REQUIRED], description=_l('The address of your account.'))
    submit = SubmitField(_l('Send me a link'))


class ResetPasswordForm(Form):
    """Set a new password."""

    password = PasswordField(_l('New password'), validators=[REQUIRED],
                             description=_l('At least 8 characters. A few words in a row are good.'))
    password2 = PasswordField(_l('New password again'), validators=[REQUIRED, SAME])
    submit = SubmitField(_l('Set password'))


class ConfirmForm(Form):
    """One button: a link in a mail may be opened by a program, so only the form acts."""

    submit = SubmitField(_l('Confirm address'))
