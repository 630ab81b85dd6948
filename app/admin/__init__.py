"""Blueprint `admin`: how the site is, for those who run it and for the machines that watch it."""
from flask import Blueprint

bp = Blueprint('admin', __name__)

from app.admin import figures, guarding, health, people, posts, routes, site  # noqa: E402, F401
