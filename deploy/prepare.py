"""What happens before each start: port, secret key, database, translations; a trouble is one sentence."""
import contextlib
import sys

import config
from deploy.checks import check_port


def main() -> None:
    """Make everything ready for gunicorn, or exit with the reason."""
    check_port(config.text('HOST', '127.0.0.1'), config.text('PORT', '5000'))
    make_secret_key()
    from microblog import app  # once the key exists: the application asks for it

    migrate(app)
    compile_translations(app)


def make_secret_key() -> None:
    """Keep a key in the instance folder, in production too, unless the settings bring one."""
    with contextlib.suppress(OSError):  # who needs the folder says so: the key, or a database in it
        config.INSTANCE.mkdir(exist_ok=True)
    if not config.text('SECRET_KEY') and not config.KEY_FILE.exists():
        config.make_key_file()


def migrate(app) -> None:
    """`flask db upgrade`, with a sentence in place of a traceback when the database does not answer."""
    from flask_migrate import upgrade
    from sqlalchemy.exc import DBAPIError

    from app import db

    with app.app_context():
        try:
            db.engine.connect().close()
        except DBAPIError as error:
            sys.exit(f'boot.sh: The database {name(db)} does not answer ({reason(error)}).')
        try:
            upgrade()
        except DBAPIError as error:
            sys.exit(f'boot.sh: The database {name(db)} could not be brought up to date ({reason(error)}).')
        except SystemExit:  # Alembic has said why
            sys.exit('boot.sh: The database could not be brought up to date; is it locked, or of another application?')


def name(db) -> str:
    """The address of a database, without its password."""
    return db.engine.url.render_as_string(hide_password=True)


def reason(error) -> str:
    """What the database said, in one line."""
    return ' '.join(str(error.orig).split())[:300]


def compile_translations(app) -> None:
    """`flask translate compile`, which compiles what has changed."""
    from flask.cli import ScriptInfo

    app.cli.main(['translate', 'compile'], obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)
