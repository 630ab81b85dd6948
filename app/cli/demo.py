"""`flask demo`: people and posts to try things on."""
import click

from app import demo as demonstration
from app.cli.acts import act


@click.group()
def demo():
    """Fill an empty site with people and posts to look at."""


@demo.command()
@click.option('--password', help='Everybody gets it; without one nobody can log in.')
@act
def load(password):
    """Make 30 people and 600 posts in six languages; only where nobody is yet."""
    people, posts = demonstration.load(password)
    return f'{people} people have written {posts} posts. "amelia" is one of them.'


@demo.command()
@act
def remove():
    """Delete these people again, with everything they wrote."""
    return f'{demonstration.remove()} people are gone.'
