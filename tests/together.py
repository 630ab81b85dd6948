"""Several acts at one moment, each with a session of its own."""
import threading

from sqlalchemy.exc import DBAPIError

from app import db
from app.database import was_broken_off
from app.exceptions import DomainError, NotFound
from tests.world import WorldCase


class TogetherCase(WorldCase):
    """A test with words for what happens at one moment."""

    def together(self, *acts) -> list[Exception]:
        """Run acts at one moment, each with a session of its own and, as a page does, once more when broken off."""
        barrier, errors = threading.Barrier(len(acts)), []

        def run(act):
            with self.app.app_context():
                for tries_left in (1, 0):
                    try:
                        act(barrier if tries_left else None)
                        return db.session.commit()
                    except DomainError:
                        return db.session.rollback()
                    except Exception as error:
                        db.session.rollback()
                        if not (tries_left and isinstance(error, DBAPIError) and was_broken_off(error)):
                            return errors.append(error)
        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=180)
        return errors

    @staticmethod
    def act(verb, *rows):
        """A verb on rows that are read before the moment; what is gone when it runs again is not found."""
        def run(barrier):
            found = [db.session.get(model, id) for model, id in rows]
            if barrier:
                barrier.wait(timeout=60)
            if None in found:
                raise NotFound('row')
            verb(*found)
        return run
