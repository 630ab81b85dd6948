"""A reload within the first process: nothing of SQLAlchemy's listens to what was read before."""
import subprocess
import sys
import unittest

from tests.scratch import ROOT

# With `./boot.sh` or METRICS_TOKEN the first process holds a part of the application when it reads its file again.
SCRIPT = """
import runpy, sys
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

def listening():
    engine, session = create_engine('sqlite://'), Session()
    engine_s = [engine.dispatch.before_cursor_execute, engine.dispatch.savepoint, engine.dialect.dispatch.do_connect]
    pool_s = [engine.pool.dispatch.connect, engine.pool.dispatch.checkout]
    session_s = [session.dispatch.after_commit, session.dispatch.after_rollback]
    return [len(list(listeners)) for listeners in engine_s + pool_s + session_s]

def read():
    import app.events, app.metrics, app.tasks, deploy.worker
    return sys.modules['app.database']

without, old = listening(), read()
first = listening()
runpy.run_path('deploy/gunicorn.conf.py')
print('nobody listens', listening() == without)
print('all is new', read() is not old)
print('as many listen', listening() == first, all(map(int.__gt__, first, without)))
"""


class ReloadTest(unittest.TestCase):
    def test_listeners_end_with_their_modules(self):
        run = subprocess.run([sys.executable, '-c', SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=120)
        self.assertEqual(['nobody listens True', 'all is new True', 'as many listen True True'],
                         run.stdout.splitlines(), run.stderr)
