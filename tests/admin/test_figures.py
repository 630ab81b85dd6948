"""`/metrics`: figures for Prometheus, of all processes of the machine, for who has the token."""
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from struct import pack
from threading import Event
from unittest import mock

from app import metrics
from app.email import send_email
from tests.base import PASSWORD, AppTestCase, TestConfig, make_user
from tests.parts import once_only
from tests.scratch import ROOT

TOKEN = 'seven green bottles hanging'
BEARER = {'Authorization': f'Bearer {TOKEN}'}
LETTERS = 'microblog_letters_total', 'sent'
ENDED = 100  # processes
SPOILT = (  # what the library says struct.error, RuntimeError, ValueError and TypeError of
    b'', pack('ii', 5000, 0), pack('iii', 5000, 0, 9000) + bytes(5000), pack('iii12sdd', 40, 0, 4, b'spoi', 0, 0),
    pack('iii12sdd', 40, 0, 4, b'null', 0, 0))


class Without(AppTestCase):
    def test_a_token_in_the_settings_there_is_no_such_page(self):
        self.assertEqual(404, self.visitor.get('/metrics', headers=BEARER).status_code)


@once_only
class Figures(AppTestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='microblog-metrics-')
        cls.addClassCleanup(folder.cleanup)
        cls.enterClassContext(mock.patch.dict(os.environ, PROMETHEUS_MULTIPROC_DIR=folder.name))
        cls.addClassCleanup(setattr, metrics, '_is_on', False)
        cls.config = type('Counted', (TestConfig,), {'METRICS_TOKEN': TOKEN, 'SITE_CLOSED': True})
        super().setUpClass()

    def figures(self) -> dict[tuple, float]:
        """Every sample by its name and labels."""
        from prometheus_client.parser import text_string_to_metric_families  # once its folder is known

        answer = self.visitor.get('/metrics', headers={**BEARER, 'Host': '10.0.0.7:5000'})
        self.assertEqual((200, 'text/plain; version=0.0.4; charset=utf-8'), (answer.status_code, answer.content_type))
        return {(sample.name, *sample.labels.values()): sample.value
                for family in text_string_to_metric_families(answer.text) for sample in family.samples}

    def test_are_for_who_has_the_token(self):
        for headers in ({}, {'Authorization': 'Bearer wrong'}, {'Authorization': f'Basic {TOKEN}'}):
            answer = self.visitor.get('/metrics', headers=headers)
            self.assertEqual((401, 'Bearer'), (answer.status_code, answer.headers['WWW-Authenticate']))

    def test_count_nothing_of_a_process_that_was_killed_while_it_made_its_file(self):
        empty = metrics.folder() / 'counter_4194400.db'
        empty.touch()
        with self.assertLogs('app.metrics', 'WARNING') as log:
            self.assertTrue(self.figures())
        self.assertIn(f'What was counted in {empty} cannot be read', log.output[0])
        self.assertFalse(empty.exists())

    def test_survive_every_file_that_was_spoilt_and_go_on(self):
        living, folded = (metrics.folder() / f'counter_{number}.db' for number in (os.getppid(), metrics.FOLDED))
        self.addCleanup(living.unlink)
        left = self.count_elsewhere().read_bytes()
        for path in (*(metrics.folder() / f'{kind}_4194400.db' for kind in ('counter', 'histogram')), folded,
                     metrics.folder() / f'histogram_{metrics.FOLDED}.db', living):
            for data in SPOILT:
                with self.subTest(path=path.name, number=SPOILT.index(data)):
                    path.write_bytes(data)
                    (metrics.folder() / 'counter_4194401.db').write_bytes(left)
                    with self.assertLogs('app.metrics', 'WARNING') as log:
                        self.assertGreaterEqual(self.figures()[LETTERS], 1)
                    self.assertIn(str(path), log.output[0])
                    self.assertEqual(path in (living, folded), path.exists())

    def test_of_processes_that_end_never_fall_whoever_asks_meanwhile(self):
        left = self.count_elsewhere().read_bytes()
        before, is_over = self.figures()[LETTERS], Event()
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-5)  # so that they disturb each other wherever they can

        def ask() -> list[float]:
            seen = []
            while not is_over.is_set():
                said = metrics.exposition([]).decode()
                seen.append(float(re.search(r'^microblog_letters_total{outcome="sent"} (.*)', said, re.MULTILINE)[1]))
            return seen
        with ThreadPoolExecutor() as pool:
            asking = [pool.submit(ask) for _ in range(4)]
            for number in range(4194400, 4194400 + ENDED):
                draft = metrics.folder() / 'draft'
                draft.write_bytes(left)
                draft.rename(metrics.folder() / f'counter_{number}.db')
            is_over.set()
        for seen in (one.result() for one in asking):
            self.assertEqual(sorted(seen), seen)
        self.assertEqual(before + ENDED, self.figures()[LETTERS])

    @staticmethod
    def count_elsewhere() -> Path:
        """Let another process count a log-in and a letter, and end; where it did."""
        before = set(metrics.folder().iterdir())
        other = """if True:
            from app import create_app, metrics
            from tests.base import TestConfig
            create_app(type('Counted', (TestConfig,), {'METRICS_TOKEN': 'x' * 16}))
            metrics.count('events', 'login')
            metrics.count('letters', 'sent')"""
        subprocess.run([sys.executable, '-c', other], cwd=ROOT, check=True)
        path, = (path for path in set(metrics.folder().iterdir()) - before if path.name.startswith('counter'))
        return path

    def test_count_requests_tasks_and_log_ins_of_every_process(self):
        before = self.figures()
        with self.app.app_context():
            make_user()
            send_email('tea', 'site@example.com', ['susan@example.com'], 'text', None)
        self.visitor.submit('/auth/login', username='susan', password=PASSWORD)
        self.visitor.get('/nowhere')
        self.run_tasks()
        self.count_elsewhere()
        after = self.figures()
        for sample, grown in ((('microblog_events_total', 'login'), 2),
                              (('microblog_tasks_total', 'deliver', 'done'), 1),
                              (('microblog_letters_total', 'sent'), 2), (('microblog_responses_total', '404'), 1),
                              (('microblog_request_seconds_count', 'POST', 'auth'), 1)):
            self.assertEqual(grown, after.get(sample, 0) - before.get(sample, 0), sample)
        self.assertEqual((1, 0), (after['microblog_database_up',], after['microblog_tasks_waiting',]))
        self.assertIn(('microblog_pool_connections_used',), after)
        self.assertFalse([sample for sample, number in self.figures().items()
                          if number < after[sample] and sample != ('microblog_pool_connections_used',)])
        metrics.forget_dead()
        logins = 'microblog_events_total', 'login'
        self.assertEqual(after[logins] - 1, self.figures()[logins])
