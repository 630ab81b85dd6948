"""Blueprint `main`: timelines, people, search."""
from flask import Blueprint

bp = Blueprint('main', __name__)

from app.main import people, routes, search, wellknown  # noqa: E402, F401
