"""Flask-Migrate, loaded once somebody migrates: Alembic is an eighth of each start and 6 MB of each worker."""
import click
from flask import Flask

from app.extensions import db


def init_app(app: Flask) -> None:
    """Let `flask db` and Flask-Migrate's functions find what they need."""
    app.extensions['migrate'] = Unloaded(app)
    app.cli.add_command(Commands('db', help='Perform database migrations.'))


class Unloaded:
    """Stands where Flask-Migrate looks for its settings, and gives its place to them at the first question."""

    def __init__(self, app: Flask):
        self.app = app

    def __getattr__(self, name: str):
        from flask_migrate import Migrate
        Migrate(self.app, db, compare_type=True, render_as_batch=True)
        return getattr(self.app.extensions['migrate'], name)


class Commands(click.Group):
    """Stands for Flask-Migrate's group of commands until one of them is asked for."""

    def make_context(self, info_name, args, parent=None, **extra) -> click.Context:
        """Begin to read the command line: with the real group."""
        from flask_migrate.cli import db as group
        return group.make_context(info_name, args, parent, **extra)
