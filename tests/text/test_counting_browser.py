"""The counter in the browser and the server agree on every text, in the Chromium of this machine."""
import json
import unittest

from playwright.sync_api import Page

from app.text.cleaning import clean
from app.text.counting import length
from tests.browser.site import chromium, needs_chromium
from tests.parts import once_only
from tests.text.samples import CASES, COUNTER, hostile_texts, random_texts

# Each asks whether a character joins with one kind of neighbour; C is the character in question.
NEIGHBOURS = ('xCx', 'C\u0301', '©\u200dC\u200d©', 'क\u094dC\u094dक', 'कC\u094dक', '🇦C🇦', 'ᄀCᅡ', '가C각',
              'ᆨC', '\u0600C')
# All of Unicode but the long rows of ideographs, syllables and private characters, which behave alike.
CHARACTERS = (range(0x3500), range(0xa000, 0xad00), range(0xd780, 0xd800), range(0xe000, 0xe010),
              range(0xf8f0, 0x17010), range(0x18cf0, 0x20010), range(0xdfff0, 0xe0200),
              range(0x10fff0, 0x110000))


@once_only
@needs_chromium
class CountingBrowserTest(unittest.TestCase):
    page: Page

    @classmethod
    def setUpClass(cls):
        cls.page = chromium().new_page()
        cls.addClassCleanup(cls.page.close)
        cls.page.add_script_tag(path=COUNTER)

    def test_counts_every_row_of_the_shared_table(self):
        counted = self._counted([case['text'] for case in CASES])
        for case, (number, _) in zip(CASES, counted, strict=True):
            with self.subTest(case['why'], text=ascii(case['text'])):
                self.assertEqual(number, case['length'])

    def test_agrees_with_the_server_on_random_texts(self):
        self._assert_same(random_texts(3, 5000))

    def test_agrees_with_the_server_on_every_character_among_neighbours(self):
        points = [point for row in CHARACTERS for point in row if point not in range(0xd800, 0xe000)]
        texts = [' '.join(text.replace('C', chr(point)) for text in NEIGHBOURS) for point in points]
        self._assert_same([' '.join(texts[first:first + 32]) for first in range(0, len(texts), 32)])

    def test_hostile_texts_are_counted_in_linear_time(self):
        for what, text in hostile_texts().items():
            with self.subTest(what):
                milliseconds = self.page.evaluate(
                    'text => { const start = performance.now(); Microblog.length(text);'
                    ' return performance.now() - start; }', text)
                self.assertLess(milliseconds, 2000)

    def test_leaves_no_counter_where_the_browser_cannot_part_characters(self):
        page = chromium().new_page()
        self.addCleanup(page.close)
        page.evaluate('delete Intl.Segmenter')
        page.add_script_tag(path=COUNTER)
        self.assertEqual(page.evaluate('typeof window.Microblog'), 'undefined')

    def _assert_same(self, texts: list[str]):
        for text, counted in zip(texts, self._counted(texts), strict=True):
            kept = clean(text)
            self.assertEqual(counted, [length(kept), len(kept)], ascii(text))

    def _counted(self, texts: list[str]) -> list[list[int]]:
        # As JSON, because halves of surrogate pairs do not survive the way to the browser.
        return self.page.evaluate(
            'texts => JSON.parse(texts).map(text => [Microblog.length(text), Microblog.codePoints(text)])',
            json.dumps(texts))
