"""`flask backup` and `flask restore`: the whole site in one file, also on the way to another database."""
import json
import zipfile
from contextlib import ExitStack
from pathlib import Path

import click

from app import backup as backups
from app import search as searching
from app.admin.routes import own_version
from app.backup import BackupError
from app.backup.file import SETTINGS
from app.backup.writing import settings
from app.cli.acts import act
from app.extensions import db
from app.queries import site
from app.search import SearchDown

FILE = click.argument('file', type=click.Path(dir_okay=False, path_type=Path))


@click.command()
@FILE
@act
def backup(file):
    """Keep the whole site in the new FILE, while it runs.

    It holds everything that people wrote, private messages, addresses and password hashes included; only its owner
    may read it. The secret key and passwords of other servers are not in it: keep instance/ and .env besides.
    """
    manifest = _shown(lambda begin, step: backups.write(file, own_version(), begin, step))
    return f'{file} holds {manifest.rows} rows of {len(manifest.tables)} tables, {file.stat().st_size / 1e6:.1f} MB.'


@click.command()
@FILE
@click.option('--overwrite', is_flag=True, help='Remove what is on this site; without it a site with people is kept.')
@act
def restore(file, overwrite):
    """Fill the database with the site in FILE, all of it or nothing; stop the site before.

    The database may be of another kind than that which the backup was made of.
    """
    manifest = _shown(lambda begin, step: backups.restore(file, overwrite, begin, step))
    _index()
    for line in differing(file):
        click.echo(line)
    return f'{manifest.rows} rows of {len(manifest.tables)} tables are here, as they were at {manifest.made_at}.'


def differing(file: Path) -> list[str]:
    """What was set otherwise for the site in the file."""
    with zipfile.ZipFile(file) as archive:
        there = json.loads(archive.read(SETTINGS))
    here = settings()
    return [f'There it was set: {name}={value}' for name, value in there.items() if here.get(name) != value]


def _shown(do):
    """Do it under a bar that says how far it is, once it has begun; the sentence of a BackupError ends the command."""
    with ExitStack() as stack:
        bars: list = []

        def begin(total: int) -> None:
            bars.append(stack.enter_context(click.progressbar(length=max(total, 1), label='Rows', show_pos=True)))

        def step(rows: int) -> None:
            bars[0].update(rows)
        try:
            return do(begin, step)
        except BackupError as error:
            raise click.ClickException(str(error)) from error


def _index() -> None:
    """Make the index of search anew; where that cannot be done now, the site does it by and by."""
    if site.schema() != 'ok':
        return
    try:
        for _done in searching.engine().rebuild():
            db.session.commit()
    except SearchDown:
        click.echo('Search does not answer; "flask search rebuild" fills it once it does.')
