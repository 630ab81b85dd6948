"""`flask tasks`: work in the background, run in a process of its own, looked at, and tried again."""
import signal
import threading
from datetime import timedelta

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.acts import act
from app.extensions import db
from app.models import MAX_ID, utcnow
from app.queries import site
from app.services import tasks as acts
from app.tasks import DONE, FAILED, RUNNING, WAITING, runner
from app.text.cleaning import clean_line

STATES = (WAITING, RUNNING, DONE, FAILED)
NUMBER = click.IntRange(1, MAX_ID)


@click.group()
def tasks():
    """Look after mail and other work in the background."""


@tasks.command()
@click.option('--threads', type=click.IntRange(1, 32), help='How many run at once [default: TASK_THREADS, or 2].')
@with_appcontext
def run(threads):
    """Run tasks until ended by SIGTERM or Ctrl-C; set TASK_THREADS=0 for the web server then."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    count = threads or app.config['TASK_THREADS'] or 2
    click.echo(f'Running tasks, {count} at once.')
    runner.serve(app, count, ended)
    click.echo('No task runs any more.')


@tasks.command(name='list')
@click.option('--state', type=click.Choice(STATES), help='Only these.')
@click.option('--limit', default=50, show_default=True, type=NUMBER, help='How many, the newest first.')
@act
def list_(state, limit):
    """List tasks: number, state, name, tries, when it was queued, when it is due or was finished, what went wrong."""
    for task in site.newest_tasks(state, limit):
        how = f'{task.progress} %' if task.state == RUNNING else task.state
        when = task.finished_at or task.run_after
        click.echo(f'{task.id}\t{how}\t{task.name}\t{task.attempts}\t{task.created_at:%Y-%m-%d %H:%M:%S}\t'
                   f'{when:%Y-%m-%d %H:%M:%S}\t{clean_line(task.error)}')
    db.session.rollback()
    counted = site.task_counts()
    return ', '.join(f'{counted.get(name, 0)} {name}' for name in STATES) + f' at {utcnow():%Y-%m-%d %H:%M:%S} UTC.'


@tasks.command()
@click.argument('ids', nargs=-1, type=NUMBER, metavar='[NUMBER]...')
@click.option('--failed', is_flag=True, help='All tasks that were given up.')
@act
def retry(ids, failed):
    """Try the tasks with these NUMBERs again, now and for another day."""
    if bool(ids) == failed:
        raise click.UsageError('name tasks by their numbers, or all that failed with --failed')
    count = acts.retry(None if failed else ids)
    if not count and ids:
        raise click.ClickException('there is no task with such a number that waits or has failed')
    return f'{count} tasks run again.'


@tasks.command()
@click.option('--state', type=click.Choice((DONE, FAILED)), help='Only these.')
@click.option('--days', default=0, show_default=True, type=click.IntRange(0, 3650), help='Only what is as old.')
@click.option('--yes', is_flag=True, help='Do not ask.')
@act
def purge(state, days, yes):
    """Remove tasks that are done or failed; they vanish by themselves after a week."""
    if not yes:
        click.confirm(f'Remove {state or "done and failed"} tasks? Those that failed can then not be tried again.',
                      abort=True)
    count = acts.purge((state,) if state else (DONE, FAILED), timedelta(days=days))
    return f'{count} tasks are removed.'
