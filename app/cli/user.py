"""`flask user`: looking after accounts from a shell."""
import click
import sqlalchemy as sa

from app import events
from app.cli.acts import act
from app.extensions import db
from app.models import MAX_ID, User, username_key
from app.policies import names, passwords
from app.queries import sessions as reading
from app.services import accounts, letters, notifications, sessions
from app.text.cleaning import clean_line

PASSWORD = click.option('--password', prompt=True, hide_input=True, confirmation_prompt=True,
                        help='The password; asked for when it is left out.')


@click.group()
def user():
    """Look after accounts."""


@user.command()
@click.argument('username')
@click.argument('email')
@PASSWORD
@click.option('--admin', is_flag=True, help='Let the account look after the site.')
@act
def create(username, email, password, admin):
    """Make an account with USERNAME and EMAIL; its address counts as confirmed."""
    username, email = names.check_username(username), names.check_email(email)
    passwords.check_password(password, username=username, email=email)
    accounts.check_username_free(username)
    new = User(username=username, email=email, is_admin=admin)
    new.set_password(password)
    accounts.add(new)
    return f'{username} is there.'


@user.command()
@click.argument('username')
@PASSWORD
@act
def password(username, password):
    """Set the password of USERNAME, and log them out everywhere."""
    found = find(username)
    passwords.check_password(password, username=found.username, email=found.email)
    found.set_password(password)
    sessions.end_all(found)
    events.record('password_changed', found)
    notifications.tell(found.id, 'security')
    letters.tell_password_changed(found)
    return f'{found.username} has a new password.'


@user.command(name='list')
@click.option('--limit', default=100, show_default=True, type=click.IntRange(1, MAX_ID),
              help='How many, the newest first.')
@act
def list_(limit):
    """List accounts: name, address, day of joining, what is special."""
    for found in db.session.scalars(sa.select(User).order_by(User.id.desc()).limit(limit)):
        marks = [word for word, is_so in (('admin', found.is_admin), ('suspended', not found.is_active),
                                          ('unconfirmed', found.confirm_by is not None)) if is_so]
        click.echo(f'{found.username}\t{found.email}\t{found.created_at:%Y-%m-%d}\t{", ".join(marks)}')


@user.command()
@click.argument('username')
@click.option('--demote', is_flag=True, help='Take the right away again.')
@act
def promote(username, demote):
    """Let USERNAME look after the site."""
    found = find(username)
    found.is_admin = not demote
    events.record('demoted' if demote else 'promoted', found)
    return f'{found.username} is {"no longer" if demote else "now"} an admin.'


@user.command()
@click.argument('username')
@click.option('--lift', is_flag=True, help='Let the account in again.')
@act
def suspend(username, lift):
    """Log USERNAME out everywhere, keep them out and hide their posts."""
    found = find(username)
    if lift:
        accounts.reinstate(found)
    else:
        accounts.suspend(found)
    return f'{found.username} is {"no longer suspended" if lift else "suspended"}.'


@user.command()
@click.argument('username')
@click.option('--yes', is_flag=True, help='Do not ask.')
@act
def delete(username, yes):
    """Delete USERNAME with everything they wrote. This cannot be undone."""
    found = find(username)
    name, count = found.username, found.posts_count
    if not yes:
        click.confirm(f'Delete {name} and their {count} posts for good?', abort=True)
    accounts.delete(found)
    return f'{name} is deleted.'


@user.command(name='sessions')
@click.argument('username')
@click.option('--end', is_flag=True, help='Log them out everywhere.')
@act
def list_sessions(username, end):
    """List where USERNAME is logged in."""
    found = find(username)
    for row in reading.of_user(found):
        click.echo(f'{row.id}\t{row.last_used_at:%Y-%m-%d %H:%M}\t{row.address}\t{clean_line(row.user_agent)}')
    if not end:
        return None
    count = sessions.end_all(found)
    events.record('sessions_ended', found, sessions=count)
    return f'{count} sessions ended.'


def find(username: str) -> User:
    """The account with this name; ClickException when there is none."""
    found = db.session.scalar(sa.select(User).where(User.username_key == username_key(username)))
    if found is None:
        raise click.ClickException(f'there is no account "{clean_line(username)}"')
    return found
