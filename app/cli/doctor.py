"""`flask doctor`: is everything as it should be, and what is to be done if not."""
import sys

import click

from app.cli.acts import act
from app.doctor import FAULT, FINE, NOTE, examine
from app.doctor.services import send_test_letter

COLOURS = {FINE: 'green', NOTE: 'yellow', FAULT: 'red'}


@click.command()
@click.option('--mail', metavar='ADDRESS', help='Send a letter to this address, too.')
@click.option('--quiet', is_flag=True, help='Say only what is not as it should be.')
@act
def doctor(mail, quiet):
    """Look at settings, files, disk, database, clock, tasks, mail, search, broker and the way in from outside.

    Nothing is changed. Exit code 1 when something has to be done.
    """
    faults = 0
    for finding in examine():
        faults += finding.level == FAULT
        if not (quiet and finding.level == FINE):
            _say(finding)
    if mail:
        sent = send_test_letter(mail)
        faults += sent.level == FAULT
        _say(sent)
    if faults:
        click.echo(f'{faults} things have to be done.' if faults > 1 else 'One thing has to be done.')
        sys.exit(1)
    return None if quiet else 'The site is well.'


def _say(finding) -> None:
    click.echo(f'{click.style(finding.level.ljust(5), fg=COLOURS[finding.level])}  {finding.what:9} {finding.says}')
