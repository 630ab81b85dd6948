"""How a command for people who run the site acts: in one transaction, and with a sentence for whatever happens."""
import logging
from functools import wraps

import click
from flask.cli import with_appcontext
from flask.logging import default_handler
from sqlalchemy.exc import DBAPIError

from app import events
from app.database import again_when_broken_off, says
from app.exceptions import DomainError, Refused
from app.extensions import db


def act(command):
    """Run in one transaction, say the command's sentence once it holds, turn a refusal into one and exit code 1."""
    @wraps(command)
    def run(*args, **kwargs):
        try:
            said = again_when_broken_off(db.session, lambda: carry_out(command, *args, **kwargs))
        except Refused as error:
            raise click.ClickException(f'{error.field}: {error.message}') from error
        except DomainError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            fault = f'the database says: {says(error)} (is it there, after: flask db upgrade?)'
            raise click.ClickException(fault) from error
        if said:
            click.echo(said)
    return with_appcontext(run)


def carry_out(command, *args, **kwargs):
    """Run a command and commit; what it says."""
    events.come_from(events.COMMAND_LINE)
    default_handler.setLevel(logging.WARNING)  # the log's file has the event; here the command says what it did
    said = command(*args, **kwargs)
    db.session.commit()
    return said
