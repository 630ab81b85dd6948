"""A process that is killed while it packs a file leaves no half: the next run gives one whole file."""
import os
import subprocess
import sys
import threading
from pathlib import Path
from unittest import mock

import sqlalchemy as sa

from app import archive, db, storage
from app.models import Export, ExportPart, Notification, Task
from app.services import exports
from app.tasks import claims, keeping
from tests.base import TestConfig
from tests.exports.base import PAGE, ExportCase
from tests.exports.half import STORED

ROOT = Path(__file__).resolve().parents[2]


class Killed(ExportCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(storage, 'PART', 500))
        self.bodies = [f'{n} {os.urandom(400).hex()}' for n in range(9)]
        self.wrote('susan', *self.bodies)
        self.ask()

    def kill_half_way(self) -> None:
        """Let another process pack, and end it by SIGKILL."""
        url = os.environ.get('TEST_DATABASE_URL') or TestConfig.SQLALCHEMY_DATABASE_URI
        process = subprocess.Popen([sys.executable, '-m', 'tests.exports.half'], cwd=ROOT, stdout=subprocess.PIPE,
                                   env={**os.environ, 'TEST_DATABASE_URL': url}, text=True)
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        try:
            self.assertEqual('half\n', process.stdout.readline())
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            watchdog.cancel()

    def take_over(self) -> None:
        """What a runner does when a heartbeat has stood still for long enough."""
        with self.app.app_context():
            seen = keeping.take_over({})
            db.session.commit()
            keeping.take_over({key: since - keeping.STALE_SECONDS for key, since in seen.items()})
            db.session.commit()

    def assert_one_whole_file(self) -> None:
        id = self.value(sa.select(Export.id).where(Export.finished_at.is_not(None)))
        self.assertEqual(self.bodies[::-1], [post['text'] for post in self.data(id, 'posts')])
        self.assertEqual((1, 1), (self.rows(Export), self.rows(Notification)))
        self.assertEqual(1, self.value(sa.select(sa.func.count(sa.distinct(ExportPart.run)))))
        with self.app.app_context():
            pieces, whole = db.session.execute(sa.select(
                sa.func.sum(sa.func.length(ExportPart.content)), sa.func.max(Export.size)).join(
                    Export, Export.id == ExportPart.export_id)).one()
        self.assertEqual(whole, pieces)

    def test_by_sigkill_and_run_again(self):
        self.kill_half_way()
        self.assertEqual((1, STORED), self.counts())
        self.assertEqual(('running', 1), (self.task().state, self.task().attempts))
        self.assertIn('Your file is being made', self.susan.get(PAGE).text)
        self.assertEqual(404, self.susan.get(f'{PAGE}/{self.value(sa.select(Export.id))}').status_code)
        self.take_over()
        self.run_tasks()
        self.assert_one_whole_file()

    def test_and_not_dead_after_all_its_end_changes_nothing(self):
        """The task is taken over while its first run still writes: the first one to end counts, and once."""
        real, other = archive.pages.draw, []

        def draw(*arguments):
            if not other:
                other.append(True)
                with self.app.app_context():
                    db.session.execute(sa.update(Task).where(Task.name == 'pack_export').values(state='waiting'))
                    db.session.commit()
                self.run_tasks()
            return real(*arguments)
        with mock.patch.object(archive.pages, 'draw', draw), self.assertLogs(self.app.logger, 'WARNING'):
            self.run_tasks()
        self.assertEqual(set(), claims.running)
        with self.app.app_context():
            exports.remove_exports()
            db.session.commit()
        self.assert_one_whole_file()
