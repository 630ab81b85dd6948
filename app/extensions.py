"""The Flask extensions, made once and bound to an application by `create_app`."""
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager
from flask_mail import Mail
from flask_moment import Moment
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData

# Every constraint has a name, so that a migration can drop it again on all three databases.
NAMING = {
    'ix': 'ix_%(table_name)s_%(column_0_N_name)s',
    'uq': 'uq_%(table_name)s_%(column_0_N_name)s',
    'ck': 'ck_%(table_name)s_%(constraint_name)s',
    'fk': 'fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s',
    'pk': 'pk_%(table_name)s',
}


class RowLogin(LoginManager):
    """Flask-Login for sessions that are rows: without its remember cookie, which outlives a log-out."""

    def _update_remember_cookie(self, response):  # it would read the session, and files would vary by cookie
        return response


db = SQLAlchemy(metadata=MetaData(naming_convention=NAMING))
login = RowLogin()
mail = Mail()
bootstrap = Bootstrap5()
moment = Moment()
babel = Babel()
csrf = CSRFProtect()
