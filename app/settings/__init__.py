"""Blueprint `settings`: how the site looks for a person, what others see, and how they log in."""
from flask import Blueprint

bp = Blueprint('settings', __name__)

from app.settings import routes, security  # noqa: E402, F401
