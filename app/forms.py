"""What the forms of several blueprints share."""
import secrets

from flask_wtf import FlaskForm

from app.exceptions import Refused


def refuse(form: FlaskForm, error: Refused) -> None:
    """Write at the field what an act said about it."""
    field = getattr(form, error.field, None)
    if field is None:
        raise error
    field.errors = [*field.errors, error.message]


def new_form_key() -> str:
    """A one-time key: a form that is sent twice acts once."""
    return secrets.token_urlsafe(12)
