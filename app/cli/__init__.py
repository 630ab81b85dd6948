"""Commands of `flask` for the people who run the site and those who translate it."""
from flask import Flask

from app.cli.backup import backup, restore
from app.cli.counters import counters
from app.cli.demo import demo
from app.cli.doctor import doctor
from app.cli.search import search
from app.cli.tasks import tasks
from app.cli.translate import translate
from app.cli.user import user


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(backup)
    app.cli.add_command(counters)
    app.cli.add_command(demo)
    app.cli.add_command(doctor)
    app.cli.add_command(restore)
    app.cli.add_command(search)
    app.cli.add_command(tasks)
    app.cli.add_command(translate)
    app.cli.add_command(user)
