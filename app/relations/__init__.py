"""Blueprint `relations`: blocking and muting people and conversations, and asking to follow somebody."""
from flask import Blueprint

bp = Blueprint('relations', __name__)

from app.relations import lists, requests, routes  # noqa: E402, F401
