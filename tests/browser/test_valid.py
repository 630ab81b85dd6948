"""Every page as the server sends it is HTML that two checkers find nothing to object to."""
import tempfile
from pathlib import Path

from tests import checkers
from tests.browser.site import BrowserCase, needs_chromium
from tests.browser.test_quality import lively_site
from tests.parts import needs, once_only

needs_checkers = needs('A checker of HTML', checkers.are_there(),
                       'where Node and Java are, "python -m tests.quality pages" installs html-validate and Nu.')
# Shown with the others: a checker that says nothing of it saw nothing.
FAULTY = '<!DOCTYPE html>\n<html lang="en"><title>Faulty</title><p><img src="a.png"></div>\n'


@once_only
@needs_checkers
@needs_chromium
class ValidTest(BrowserCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        (cls.folder / 'faulty.html').write_text(FAULTY)
        checkers.gather(cls.folder, cls.site, cls.browser)

    @classmethod
    def start_site(cls):
        return lively_site()

    def assert_only_faulty(self, lines: list[str]):
        """The checker objects to the faulty page alone."""
        self.assertTrue(any('faulty.html' in line for line in lines))
        self.assertEqual([], [line for line in lines if 'faulty.html' not in line])

    def test_html_validate_finds_nothing(self):
        self.assert_only_faulty(checkers.html_validate(self.folder))

    def test_the_nu_checker_finds_nothing(self):
        self.assert_only_faulty(checkers.nu(self.folder))
