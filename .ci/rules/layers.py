"""What a module of the lower layers must not do; never run."""
# ruleid: http-below-the-edges
from flask import request
# ruleid: http-below-the-edges
from flask import session
# ok: http-below-the-edges
from flask import current_app
# ruleid: http-below-the-edges
from flask_login import current_user


def act():
    # ruleid: http-below-the-edges
    return request.form
