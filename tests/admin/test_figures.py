"""`/metrics`: figures for Prometheus, of all processes of the machine, for who has the token."""
import os
import subprocess
import sys
import tempfile
from unittest import mock

from app import metrics
from app.email import send_email
from tests.base import PASSWORD, AppTestCase, TestConfig, make_user
from tests.parts import once_only
from tests.scratch import ROOT

TOKEN = 'seven green bottles hanging'
BEARER = {'Authorization': f'Bearer {TOKEN}'}


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
        metrics.fold_dead()
        self.assertFalse(empty.exists())
        self.assertTrue(self.figures())

    def test_count_requests_tasks_and_log_ins_of_every_process(self):
        before = self.figures()
        with self.app.app_context():
            make_user()
            send_email('tea', 'site@example.com', ['susan@example.com'], 'text', None)
        self.visitor.submit('/auth/login', username='susan', password=PASSWORD)
        self.visitor.get('/nowhere')
        self.run_tasks()
        other = """if True:
            from app import create_app, metrics
            from tests.base import TestConfig
            create_app(type('Counted', (TestConfig,), {'METRICS_TOKEN': 'x' * 16}))
            metrics.count('events', 'login')
            metrics.count('letters', 'sent')"""
        subprocess.run([sys.executable, '-c', other], cwd=ROOT, check=True)
        after = self.figures()
        for sample, grown in ((('microblog_events_total', 'login'), 2),
                              (('microblog_tasks_total', 'deliver', 'done'), 1),
                              (('microblog_letters_total', 'sent'), 2), (('microblog_responses_total', '404'), 1),
                              (('microblog_request_seconds_count', 'POST', 'auth'), 1)):
            self.assertEqual(grown, after.get(sample, 0) - before.get(sample, 0), sample)
        self.assertEqual((1, 0), (after['microblog_database_up',], after['microblog_tasks_waiting',]))
        self.assertIn(('microblog_pool_connections_used',), after)
        metrics.fold_dead()
        self.assertFalse([sample for sample, number in self.figures().items()
                          if number < after[sample] and sample != ('microblog_pool_connections_used',)])
        metrics.forget_dead()
        logins = 'microblog_events_total', 'login'
        self.assertEqual(after[logins] - 1, self.figures()[logins])
