"""Blueprint `errors`: every refusal and every fault as a page in the site's look, or as JSON."""
from flask import Blueprint

bp = Blueprint('errors', __name__)

from app.errors import handlers  # noqa: E402, F401
