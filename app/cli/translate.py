"""`flask translate`: the catalogues in `app/translations/`, with the tutorial's three commands."""
import os
import subprocess  # nosec B404
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

DOMAIN = 'messages'


@click.group()
def translate():
    """Manage the translations of the site."""


@translate.command()
@click.argument('language')
@with_appcontext
def init(language):
    """Begin the catalogue of a new LANGUAGE, such as "it"."""
    check_language(language)
    if (folder() / language / 'LC_MESSAGES' / f'{DOMAIN}.po').exists():
        raise click.ClickException(f'there is a catalogue for "{language}" already; use: flask translate update')
    with extracted() as template:
        pybabel('init', '-i', template, '-d', folder(), '-l', language)


@translate.command()
@with_appcontext
def update():
    """Bring every catalogue up to the strings in the code."""
    if not list(folder().glob(f'*/LC_MESSAGES/{DOMAIN}.po')):
        raise click.ClickException('there is no catalogue yet; begin one: flask translate init LANGUAGE')
    with extracted() as template:
        pybabel('update', '-i', template, '-d', folder(), '--no-fuzzy-matching', '--ignore-obsolete',
                '--ignore-pot-creation-date')


@translate.command(name='compile')
@with_appcontext
def compile_():
    """Compile every catalogue that has changed since it was compiled."""
    for source in sorted(folder().glob(f'*/LC_MESSAGES/{DOMAIN}.po')):
        target = source.with_suffix('.mo')
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            compile_catalogue(source, target)


def check_language(name: str) -> None:
    """Refuse what is no language; the name becomes a folder."""
    from babel import Locale, UnknownLocaleError
    try:
        Locale.parse(name)
    except (ValueError, UnknownLocaleError) as error:
        raise click.ClickException(f'"{name}" is no language that Babel knows') from error


def compile_catalogue(source: Path, target: Path) -> None:
    """Write the compiled form of a catalogue in one step, so that a running site never reads half of it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po
    draft = target.with_suffix(f'.{os.getpid()}.draft')  # two may compile at one time
    try:
        with source.open('rb') as text:
            catalogue = read_po(text)
        with draft.open('wb') as compiled:
            write_mo(compiled, catalogue)
        os.replace(draft, target)
    except (OSError, ValueError, PoFileError) as error:
        raise click.ClickException(f'{source}: {error}') from error
    finally:
        draft.unlink(missing_ok=True)


class extracted:
    """The template of all strings in the code, while the block runs."""

    def __enter__(self) -> Path:
        self.path = folder() / f'{DOMAIN}.pot'
        folder().mkdir(exist_ok=True)
        root = Path(current_app.root_path)
        # Not from inside the folder: its email.py would stand before Python's.
        pybabel('extract', '-F', root / 'translations' / 'babel.cfg', '-k', '_l', '-o', self.path, '--no-location',
                '--sort-output', '--project', 'Microblog', '--copyright-holder', 'Microblog authors',
                '--msgid-bugs-address', 'see README.md', root.name, cwd=root.parent)
        return self.path

    def __exit__(self, *trouble) -> None:
        self.path.unlink(missing_ok=True)


def folder() -> Path:
    """Where the catalogues are."""
    return Path(current_app.root_path) / 'translations'


def pybabel(*arguments, cwd: Path | None = None) -> None:
    """Run Babel's own tool; its fault is the command's."""
    command = [sys.executable, '-m', 'babel.messages.frontend', *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 our own words  # nosec B603
    if done.returncode:
        raise click.ClickException(f'{arguments[0]} failed: {done.stderr.strip()[-400:]}')
