"""How far a job is, for those who wait for it."""
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.database import impatient, is_unavailable
from app.extensions import db
from app.models import Task
from app.tasks import claims

EVERY_SECONDS = 0.5


class Progress:
    """What a running job has said of itself; `breathe` lets the runner have a word in between."""

    def __init__(self, claim: claims.Claim, breathe: Callable[[], None]):
        self.claim, self.breathe, self.mark = claim, breathe, ''
        self.percent, self.written_at = 0, 0.0

    def report(self, percent: int) -> None:
        """Write it down, twice a second at most; claims.Lost when the task is another runner's by now."""
        self.breathe()
        percent = min(max(int(percent), 0), 99)  # it is done when it is committed
        if percent == self.percent or time.monotonic() - self.written_at < EVERY_SECONDS:
            return
        self.percent, self.written_at = percent, time.monotonic()
        try:
            self._write()
        except DBAPIError as error:  # on SQLite the job itself may hold the lock: then nobody hears of this step
            if not is_unavailable(error):
                raise

    def _write(self) -> None:
        said = sa.update(Task).where(claims.is_held(self.claim)).values(progress=self.percent)
        with db.engine.connect() as connection, impatient(connection):
            changed = connection.execute(said).rowcount
            connection.commit()
        if not changed:
            raise claims.Lost
