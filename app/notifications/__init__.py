"""Blueprint `notifications`: what people are told, on a page and for the script, and mails that they want no more."""
from flask import Blueprint

bp = Blueprint('notifications', __name__)

from app.notifications import news, routes  # noqa: E402, F401
