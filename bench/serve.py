"""Serve something else than the product in the product's manner: `python -m bench.serve bench.ceilings:app`."""
import sys

import app  # noqa: F401 for the processes to come, as deploy/serve.py has it


def main() -> None:
    """Serve until told to stop."""
    from gunicorn.app.wsgiapp import run

    sys.argv = ['gunicorn', '--config', 'deploy/gunicorn.conf.py', sys.argv[1]]
    run()


if __name__ == '__main__':
    main()
