"""What a start does not load: optional parts and large tables stay out until somebody needs them."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tests.parts import once_only

ROOT = Path(__file__).resolve().parent.parent
OPTIONAL = ['PIL', 'elasticsearch', 'elastic_transport', 'celery', 'kombu', 'redis', 'email_validator', 'dns', 'idna',
            'argon2', 'psycopg', 'pymysql', 'numpy', 'pandas', 'openpyxl', 'requests', 'urllib3', 'limits',
            'hypothesis', 'playwright', 'aiosmtpd', 'tkinter', 'unittest', 'sqlalchemy.dialects.postgresql',
            'sqlalchemy.dialects.mysql', 'xml.etree']
SCRIPT = """
import sys, json
sys.modules_before = set(sys.modules)
from microblog import app
from app import db
with app.app_context():
    db.create_all()
client = app.test_client()
statuses = [client.get(path).status_code for path in ('/explore', '/auth/login')]
statuses.append(client.post('/language', data={'language': 'de'}).status_code)  # a form, which is counted
print(json.dumps([statuses, sorted(set(sys.modules) - sys.modules_before)]))
"""


@once_only
class Startup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            settings = {'DATABASE_URL': f'sqlite:///{folder}/app.db', 'LOG_FOLDER': folder, 'SECRET_KEY': 'k' * 40,
                        'PATH': os.environ['PATH'], 'HOME': folder, 'TASK_THREADS': '0'}
            done = subprocess.run([sys.executable, '-W', 'error::DeprecationWarning:app', '-c', SCRIPT], cwd=ROOT,
                                  env=settings, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        cls.errors = done.stderr
        cls.statuses, cls.loaded = json.loads(done.stdout.splitlines()[-1])

    def test_answers_the_first_pages(self):
        self.assertEqual([200, 200, 302], self.statuses)
        self.assertIn('app.counts.database', self.loaded)  # the form was counted

    def test_says_nothing(self):
        self.assertEqual('', self.errors)

    def test_loads_no_optional_part(self):
        for name in OPTIONAL:
            found = [module for module in self.loaded if module == name or module.startswith(f'{name}.')]
            self.assertEqual([], found[:3], name)

    def test_a_missing_optional_package_does_not_stop_it(self):
        with tempfile.TemporaryDirectory() as folder:
            block = 'import sys\n' + ''.join(f'sys.modules[{name!r}] = None\n' for name in
                                             ('PIL', 'elasticsearch', 'celery', 'redis', 'psycopg', 'pymysql'))
            settings = {'DATABASE_URL': f'sqlite:///{folder}/app.db', 'LOG_FOLDER': folder, 'SECRET_KEY': 'k' * 40,
                        'PATH': os.environ['PATH'], 'HOME': folder, 'TASK_THREADS': '0'}
            done = subprocess.run([sys.executable, '-c', block + SCRIPT], cwd=ROOT, env=settings, capture_output=True,
                                  text=True, timeout=120)
        self.assertEqual(0, done.returncode, done.stderr)
