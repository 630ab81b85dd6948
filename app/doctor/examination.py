"""All checks, one after the other; one that cannot be made says so and holds up no other."""
from collections.abc import Callable, Iterator

from sqlalchemy.exc import DBAPIError

from app.database import says
from app.doctor import database, machine, services, settings
from app.doctor.finding import Finding, fault
from app.extensions import db

CHECKS: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
    ('settings', settings.check), ('files', machine.check_files), ('disk', machine.check_disk),
    ('database', database.check), ('clock', database.check_clock), ('tasks', services.check_tasks),
    ('mail', services.check_mail), ('search', services.check_search), ('limits', services.check_limits),
    ('broker', services.check_broker), ('site', services.check_site), ('space', machine.check_space))


def examine() -> Iterator[Finding]:
    """Every finding, in an order to be read; a database that does not answer is found once."""
    told = set()
    for name, check in CHECKS:
        try:
            yield from check()
        except DBAPIError as error:
            if (said := says(error)[:200]) not in told:
                told.add(said)
                yield fault(name, f'The database says: {said}. Look at DATABASE_URL, at its server, and '
                                  'whether "flask db upgrade" has run.')
        except OSError as error:
            yield fault(name, f'It cannot be looked at ({error}).')
        finally:
            db.session.rollback()
