"""What the forms of several blueprints share."""
import secrets
from functools import cache

from babel.support import NullTranslations, Translations
from flask import request
from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms.i18n import messages_path

from app.exceptions import Refused


class Form(FlaskForm):
    """Flask-WTF's form, whose own catalogues are read once a process and not at every form."""

    class Meta(FlaskForm.Meta):
        """What WTForms asks a form for."""

        def get_translations(self, form) -> NullTranslations:
            """The catalogue for the few messages that are WTForms' own."""
            return _own_messages(str(get_locale()))

        def wrap_formdata(self, form, formdata):
            """What was sent as fields: JSON and files would go around what looks at forms first, limits and NUL."""
            return (request.form or None) if form.is_submitted() else super().wrap_formdata(form, formdata)


@cache
def _own_messages(language: str) -> NullTranslations:
    return Translations.load(messages_path(), [language], 'wtforms')


def refuse(form: FlaskForm, error: Refused) -> None:
    """Write at the field what an act said about it."""
    field = getattr(form, error.field, None)
    if field is None:
        raise error
    field.errors = [*field.errors, error.message]


def new_form_key() -> str:
    """A one-time key: a form that is sent twice acts once."""
    return secrets.token_urlsafe(12)
