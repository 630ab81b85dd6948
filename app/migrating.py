"""Flask-Migrate, loaded once somebody migrates: Alembic is an eighth of each start and 6 MB of each worker."""
import re
from functools import cache
from pathlib import Path

import click
from flask import Flask

from app.extensions import db

VERSIONS = Path(__file__).resolve().parent.parent / 'migrations' / 'versions'
NAMED = re.compile(r"^(down_revision|revision) = (?:'(\w+)'|None)", re.M)


def init_app(app: Flask) -> None:
    """Let `flask db` and Flask-Migrate's functions find what they need."""
    app.extensions['migrate'] = Unloaded(app)
    app.cli.add_command(Commands('db', help='Perform database migrations.'))


def is_pending(stored: set[str]) -> bool:
    """True when a database with these revisions lacks one that this code knows; it may be ahead of the code."""
    known = revisions()
    newest = set(known) - set(known.values())
    return not stored or bool(stored & set(known) - newest)


@cache
def revisions() -> dict[str, str]:
    """Every revision and the one before it, read from their files: Alembic is not loaded for it."""
    found = [dict(NAMED.findall(path.read_text())) for path in VERSIONS.glob('*.py')]
    return {one['revision']: one['down_revision'] for one in found}


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
