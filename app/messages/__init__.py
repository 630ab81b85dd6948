"""Blueprint `messages`: private conversations of two people."""
from flask import Blueprint

bp = Blueprint('messages', __name__)

from app.messages import answers, routes  # noqa: E402, F401
