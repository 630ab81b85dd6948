"""Blueprint `feeds`: lists of public posts for feed readers, as Atom and as JSON Feed."""
from flask import Blueprint

bp = Blueprint('feeds', __name__)

from app.feeds import routes  # noqa: E402, F401
