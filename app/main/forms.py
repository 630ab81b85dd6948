"""The forms of `main`."""
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SearchField, StringField, SubmitField, TextAreaField

from app.forms import Form, new_form_key
from app.text.counting import POST_LIMIT


class PostForm(Form):
    """Write a post."""

    post = TextAreaField(_l('New post'))
    form_key = HiddenField(default=new_form_key)
    submit = SubmitField(_l('Post'))


class EditProfileForm(Form):
    """Say who one is; the password is asked only for another username."""

    name = StringField(_l('Name'), description=_l('What others see first. Leave it empty to go by your username.'))
    about_me = TextAreaField(_l('About me'), description=_l('Up to %(limit)s characters. Everyone can read it.',
                                                            limit=POST_LIMIT))
    username = StringField(_l('Username'), description=_l('Links with your old name will still lead to you.'))
    password = PasswordField(_l('Password'), description=_l('Only needed to change your username.'))
    submit = SubmitField(_l('Save profile'))


class IntroductionForm(Form):
    """Say who one is, for the first time."""

    name = StringField(_l('Name'), description=_l('What others see first. Leave it empty to go by your username.'))
    about_me = TextAreaField(_l('A line about you'),
                             description=_l('Others look at it when they decide whom to follow.'))
    submit = SubmitField(_l('Save and go on'))


class SearchForm(Form):
    """Find posts and people; sent by GET, so that a search can be kept as a bookmark."""

    class Meta:
        csrf = False

    q = SearchField(_l('Words, a #tag or @name'))
    submit = SubmitField(_l('Search'))
