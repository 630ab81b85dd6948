"""`flask search`: the index that posts are found by, compared with the posts, and made anew."""
import click

from app import search as searching
from app.cli.acts import act
from app.extensions import db
from app.search import SearchDown


@click.group()
def search():
    """Look after the search."""


@search.command()
@act
def status():
    """Say which engine answers, how it is, and how many posts it has."""
    width = 16
    return '\n'.join(f'{what + ":":{width}}{value}' for what, value in reached(searching.engine().status))


@search.command()
@act
def check():
    """Compare the index with the posts; exit code 1 when they differ."""
    missing = stray = looked_at = 0
    for step in steps(lambda: searching.engine().check()):
        looked_at, missing, stray = looked_at + step.looked_at, missing + len(step.missing), stray + len(step.stray)
        for kind, ids in (('missing', step.missing), ('should not be there', step.stray)):
            for id in ids:
                click.echo(f'{id}: {kind}')
    if missing or stray:
        raise click.ClickException(f'{missing} missing, {stray} too many; "flask search rebuild" sets it right')
    return f'All {looked_at} posts are as they should be.'


@search.command()
@act
def rebuild():
    """Index all posts anew; the site may run meanwhile. Broken off and begun again, it goes on where it was."""
    done = total = 0
    with click.progressbar(length=1, label='Posts', show_pos=True) as bar:
        for done, total in steps(lambda: searching.engine().rebuild()):
            bar.length = max(total, 1)
            bar.update(done - bar.pos)
    return f'{done} posts are in the index.'


def steps(ask):
    """Each step of what an engine does, committed."""
    for step in reached(ask):
        db.session.commit()
        yield step


def reached(ask):
    """What the engine says, all of it; a sentence when it does not answer."""
    try:
        answer = ask()
        if hasattr(answer, '__next__'):
            return _each(answer)
        return answer
    except SearchDown as error:
        raise _down(error) from error


def _each(answer):
    try:
        yield from answer
    except SearchDown as error:
        raise _down(error) from error


def _down(error: SearchDown) -> click.ClickException:
    return click.ClickException(f'search is down: {error or "the database has no full-text search"}')
