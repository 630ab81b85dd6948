"""Blueprint `main`: timelines, people, search."""
from flask import Blueprint

bp = Blueprint('main', __name__)

from app.main import lists, people, routes, search, welcome, wellknown  # noqa: E402, F401
