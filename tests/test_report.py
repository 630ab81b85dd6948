"""The report of `python -m tests.quality`: kept when every check has ended, and only then."""
import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from tests import quality
from tests.parts import once_only


def check_weight() -> str:
    """One that fails."""
    raise ValueError('the page was empty')


@once_only
class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / 'quality.md'
        self.path.write_text('Words.\n<!-- figures -->\n\nold figures\n')
        self.enterContext(mock.patch.object(quality, 'REPORT', self.path))
        self.said = self.enterContext(contextlib.redirect_stdout(io.StringIO()))

    def test_is_written_when_all_checks_ended(self):
        quality.write(['a', 'b'], 2)
        self.assertEqual('Words.\n<!-- figures -->\n\na\n\nb\n', self.path.read_text())

    def test_stays_when_one_failed_and_its_reason_is_told(self):
        found = ['a', quality.told(check_weight)]
        quality.write([text for text in found if text is not None], 2)
        self.assertIn('weight: no result, ValueError: the page was empty', self.said.getvalue())
        self.assertIn('old figures', self.path.read_text())
