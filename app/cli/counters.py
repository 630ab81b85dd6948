"""`flask counters`: whether the numbers of people and posts are those of the rows that they count."""
from collections.abc import Iterable

import click

from app.cli.acts import act
from app.extensions import db
from app.services import counters as counting
from app.services.counters import Difference


@click.group()
def counters():
    """Compare the numbers of people and posts with what they count."""


@counters.command()
@act
def check():
    """Say which counters are wrong; exit code 1 when any is."""
    if report(counting.check()):
        raise click.ClickException('"flask counters rebuild" sets them right')
    return 'All counters are right.'


@counters.command()
@act
def rebuild():
    """Count everything anew and set right what is wrong; the site may run meanwhile."""
    return f'{report(counting.rebuild())} counters were wrong, and are right now.'


def report(steps: Iterable[list[Difference]]) -> int:
    """Name what each step found, and commit it; how many there were."""
    count = 0
    for found in steps:
        db.session.commit()
        count += len(found)
        for one in found:
            click.echo(f'{one.name}: {one.counter} is {one.stored}, but there are {one.counted}')
    return count
