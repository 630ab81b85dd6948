"""`python -m bench.export`: does packing everything of somebody take the same memory at 100,000 posts as at 1,000?

Each size is packed by a process of its own, in a new database on SQLite or in an empty one that is given.
"""
import argparse
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time

os.environ.setdefault('SECRET_KEY', 'only for measuring: a key of more than 32 bytes')  # before the settings are read

import sqlalchemy as sa

import config
from app import create_app, db
from app.models import Export, Post, User, first_id, utcnow
from app.models.ids import LOW_BITS, moment_of
from app.services import exports
from app.tasks import runner
from bench import words

SIZES = (1_000, 10_000, 100_000)
BLOCK = 500


def main() -> None:
    """Measure every size, or the one that a child is told."""
    parser = argparse.ArgumentParser(prog='python -m bench.export', description=__doc__)
    parser.add_argument('--database', help='an empty one, as in DATABASE_URL; it is filled and emptied again')
    parser.add_argument('--posts', type=int, action='append', help=f'may be given several times (default: {SIZES})')
    parser.add_argument('--child', action='store_true', help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        measure(asked.database, asked.posts[0])
        return
    print(f'{"posts":>9} {"file, MB":>9} {"seconds":>8} {"CPU, s":>7} {"memory before, MB":>18} {"most, MB":>9}')
    for posts in asked.posts or SIZES:
        with tempfile.TemporaryDirectory(prefix='microblog-export-') as folder:
            database = asked.database or f'sqlite:///{folder}/app.db'
            subprocess.run([sys.executable, '-m', 'bench.export', '--child', '--database', database,
                            '--posts', str(posts)], check=True)


def measure(database: str, posts: int) -> None:
    """Let somebody with so many posts take them along, and print what it took."""
    settings = {'SQLALCHEMY_DATABASE_URI': config.rewrite(database), 'TASK_THREADS': 0, 'MAIL_SERVER': '',
                'RATELIMIT_ENABLED': False}
    logging.getLogger('app.events').setLevel(logging.WARNING)
    app = create_app(type('Settings', (config.Config,), settings))
    with app.app_context():
        db.create_all()
        exports.request(somebody(posts), 'seven green bottles', 'en')
        db.session.commit()
    before, began, cpu = peak(), time.monotonic(), time.process_time()
    runner.run_due(app)
    seconds, cpu, most = time.monotonic() - began, time.process_time() - cpu, peak()
    with app.app_context():
        size = db.session.scalar(sa.select(Export.size)) or 0
        print(f'{posts:>9,} {size / 1e6:>9.1f} {seconds:>8.1f} {cpu:>7.1f} {before:>18.1f} {most:>9.1f}', flush=True)
        db.session.rollback()
        db.drop_all()


def somebody(posts: int) -> User:
    """A person with so many posts, the last one written now."""
    user = User(username='susan', email='susan@example.com', posts_count=posts)
    user.set_password('seven green bottles')
    db.session.add(user)
    db.session.commit()
    first = (first_id(utcnow()) >> LOW_BITS) - posts
    for start in range(0, posts, BLOCK):
        numbers = range(start, min(start + BLOCK, posts))
        rows = [{'id': first + n << LOW_BITS, 'user_id': user.id, 'body': words.body(n), 'language': 'en',
                 'timestamp': moment_of(first + n << LOW_BITS)} for n in numbers]
        db.session.execute(sa.insert(Post.__table__), rows)
        db.session.commit()
    return user


def peak() -> float:
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == '__main__':
    main()
