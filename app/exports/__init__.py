"""Blueprint `exports`: taking one's own data along."""
from flask import Blueprint

bp = Blueprint('exports', __name__)

from app.exports import routes  # noqa: E402, F401
