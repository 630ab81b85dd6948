"""Blueprint `posts`: a post's own page, writing and deleting."""
from flask import Blueprint

bp = Blueprint('posts', __name__)

from app.posts import engagement, replies, routes  # noqa: E402, F401
