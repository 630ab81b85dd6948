"""`python -m bench`, as somebody types it."""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from bench.loading import ROOT
from tests.parts import once_only


def bench(folder: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, '-m', 'bench', '--folder', folder, '--size', '500', *arguments], cwd=ROOT,
                          capture_output=True, text=True, timeout=120)


@once_only
class Command(unittest.TestCase):
    def test_measures_what_is_asked_for_and_cleans_up_when_it_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench(folder, '--only', 'pages', '--only', 'statements', '--page', 'explore', '--page', 'home',
                         '--reader', '10-mixed', '--number', '1', '--seconds', '1')
            self.assertEqual(0, done.returncode, done.stderr)
            said = done.stdout.splitlines()
            self.assertEqual(['database', 'sqlite', 'sqlite', 'sqlite'], [line.split()[0] for line in said])
            lines = [json.loads(line) for line in (Path(folder) / 'results.jsonl').read_text().splitlines()]
            self.assertEqual(['explore', 'home', 'home query'], [line['page'] for line in lines])
            self.assertTrue((Path(folder) / '500.db').exists())
            self.assertEqual(0, bench(folder, '--drop').returncode)
            self.assertEqual([], [path.name for path in Path(folder).iterdir() if path.name.startswith('500')])

    def test_says_what_it_does_not_know(self):
        with tempfile.TemporaryDirectory() as folder:
            for wrong in (['--size', '3x'], ['--reader', '7-mixed'], ['--page', 'nowhere'], ['--only', 'nothing']):
                done = bench(folder, *wrong)
                self.assertEqual(2, done.returncode)
                self.assertIn(wrong[-1], done.stderr)

    def test_ends_with_a_sentence_when_a_database_does_not_answer(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench(folder, '--database', 'postgresql://postgres@127.0.0.1:1')
            self.assertEqual(1, done.returncode)
            self.assertIn('bench: ', done.stderr)
            self.assertNotIn('Traceback', done.stderr)
