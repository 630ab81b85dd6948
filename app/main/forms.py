"""The forms of `main`."""
from functools import partial

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SearchField, SelectField, StringField, SubmitField, TextAreaField

from app.forms import Form, new_form_key
from app.main import bp
from app.models import RepliesFrom, Visibility
from app.text.counting import POST_LIMIT

READERS = {Visibility.PUBLIC: _l('Everyone'), Visibility.UNLISTED: _l('Everyone, unlisted'),
           Visibility.FOLLOWERS: _l('Followers'), Visibility.MENTIONED: _l('Mentioned people')}
ANSWERERS = {RepliesFrom.EVERYONE: _l('Everyone can reply'), RepliesFrom.FOLLOWERS: _l('Followers can reply'),
             RepliesFrom.FOLLOWED: _l('People I follow can reply'),
             RepliesFrom.MENTIONED: _l('Mentioned people can reply'), RepliesFrom.NOBODY: _l('Nobody can reply')}


def named(words: dict) -> dict[int, str]:
    """Choices with their words in the reader's language."""
    return {int(value): str(word) for value, word in words.items()}


class PostForm(Form):
    """Write a post or an answer."""

    post = TextAreaField(_l('New post'))
    visibility = SelectField(_l('Who can read it'), coerce=int, choices=partial(named, READERS),
                             default=Visibility.PUBLIC)
    replies_from = SelectField(_l('Who can reply'), coerce=int, choices=partial(named, ANSWERERS),
                               default=RepliesFrom.EVERYONE)
    form_key = HiddenField(default=new_form_key)
    submit = SubmitField(_l('Post'))

    def offer(self, widest: int) -> None:
        """Offer no more readers than the post can have, so that nothing is narrowed unsaid."""
        self.visibility.choices = {one: word for one, word in named(READERS).items() if one >= widest}
        self.replies_from.choices = named(ANSWERERS)
        self.visibility.data = max(self.visibility.data or 0, widest)


@bp.app_template_global()
def blank_form(widest: int) -> PostForm:
    """The form for a new post with nothing in it."""
    form = PostForm(formdata=None)
    form.offer(widest)
    return form


class ReachForm(Form):
    """Change who reads a post and who replies."""

    visibility = SelectField(_l('Who can read it'), coerce=int, choices=partial(named, READERS), description=_l(
        'It can be shown to fewer people, but not to more.'))
    replies_from = SelectField(_l('Who can reply'), coerce=int, choices=partial(named, ANSWERERS))
    submit = SubmitField(_l('Save'))


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
