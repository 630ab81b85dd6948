"""What `./boot.sh` starts: everything that must be ready, then gunicorn.

The application's modules are imported once, which is half of the time of a start, and the processes are
forked from there. The application itself is made in each of them: one made before would share connections.
"""
import multiprocessing
import signal
import sys

import app  # noqa: F401 for the processes to come
from deploy.prepare import main as prepare


def main() -> None:
    """Serve until told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # at an exit a daemon process is ended, too
    preparing = multiprocessing.get_context('fork').Process(target=prepare_alone, daemon=True)
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        sys.exit(1)
    from gunicorn.app.wsgiapp import run

    sys.argv = ['gunicorn', '--config', 'deploy/gunicorn.conf.py', 'microblog:app']
    run()


def prepare_alone() -> None:
    """Prepare in a process of its own, which can be ended at once."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    prepare()


if __name__ == '__main__':
    main()
