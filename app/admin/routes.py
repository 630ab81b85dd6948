"""How the site is, for the people who run it."""
import platform
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path

from flask import current_app, render_template
from flask_babel import _
from flask_login import login_required

from app import email
from app.admin import bp
from app.admin.health import weak_parts
from app.auth.sessions import me
from app.extensions import db
from app.policies.accounts import check_is_admin
from app.queries import site

FAILED_SHOWN = 10
GIGABYTE = 10**9


@bp.route('/admin/status')
@login_required
def status():
    """Work in the background, mail, search, versions, database and disk."""
    check_is_admin(me())
    return render_template('admin/status.html', title=_('Status'), numbers=site.numbers(), parts=weak_parts(),
                           failed=site.newest_tasks('failed', FAILED_SHOWN), mail_server=email.is_configured(),
                           is_up_to_date=site.schema() == 'ok', runner=runner(), versions=versions(), disks=disks())


def runner() -> str:
    """Who does the work in the background."""
    if current_app.config['CELERY_BROKER_URL']:
        return _('Workers of Celery')
    threads = current_app.config['TASK_THREADS']
    return _('Threads of the web server') if threads else _('The process "flask tasks run"')


def versions() -> list[str]:
    """What the site is made of, with versions."""
    dialect = db.engine.dialect
    server = '.'.join(map(str, dialect.server_version_info or ()))
    return [f'Microblog {own_version()}', f'Python {platform.python_version()}', f'{dialect.name} {server}',
            *(f'{name} {version(name)}' for name in ('Flask', 'SQLAlchemy', 'Celery'))]


@cache
def own_version() -> str:
    """The version of this code."""
    import tomllib  # here, because nobody else needs it

    project = Path(current_app.root_path).parent / 'pyproject.toml'
    return tomllib.loads(project.read_text())['project']['version']


def disks() -> dict[str, float]:
    """Free space, in gigabytes, where this host writes; a folder that is gone has none."""
    folders = {_('Log'): current_app.config['LOG_FOLDER']}
    if db.engine.dialect.name == 'sqlite':
        folders[_('Database')] = str(Path(db.engine.url.database or '.').parent)
    return {name: shutil.disk_usage(folder).free / GIGABYTE if Path(folder).exists() else 0.0
            for name, folder in folders.items()}
