"""A process that makes an export, says when some of it is stored, and then waits for whatever may come."""
import signal

from app import create_app, storage
from app.tasks import runner
from tests.base import TestConfig

STORED = 3


def main() -> None:
    """Run what is due up to there."""
    storage.PART = 500
    real = storage.NewFile._store

    def store(file, content):
        real(file, content)
        if file.number == STORED:
            print('half', flush=True)
            signal.pause()
    storage.NewFile._store = store
    runner.run_due(create_app(TestConfig))


if __name__ == '__main__':
    main()
