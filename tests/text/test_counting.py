"""The server counts characters as the shared table says, and by the patterns the browser has."""
import gzip
import re
import time
import unittest

from app.text import counting
from app.text.cleaning import clean
from app.text.counting import clusters, length, url_spans
from tests.text.samples import CASES, COUNTER, hostile_texts, random_texts


class CountingTest(unittest.TestCase):
    def test_counts_every_row_of_the_shared_table(self):
        for case in CASES:
            with self.subTest(case['why'], text=ascii(case['text'])):
                self.assertEqual(length(clean(case['text'])), case['length'])

    def test_the_shared_table_is_long_and_has_no_row_twice(self):
        texts = [case['text'] for case in CASES]
        self.assertGreaterEqual(len(texts), 150)
        self.assertEqual(len(texts), len(set(texts)))

    def test_a_line_break_counts_once_however_it_is_written(self):
        for text in ('a\nb', 'a\r\nb', 'a\rb'):
            self.assertEqual(length(text), 3, ascii(text))
        self.assertEqual(length('a\r\n\r\nb'), 4)

    def test_characters_are_the_whole_text(self):
        for text in random_texts(1, 1000):
            self.assertEqual(''.join(clusters(text)), text)

    def test_a_line_break_always_parts(self):
        texts = [clean(text) for text in random_texts(2, 1000)]
        for one, other in zip(texts, reversed(texts), strict=True):
            self.assertEqual(length(f'{one}\n{other}'), length(one) + 1 + length(other), ascii((one, other)))

    def test_an_address_counts_23_whatever_its_length(self):
        for url in ('http://a', 'https://example.org/' + 'a' * 1900, 'HTTP://EXAMPLE.ORG:80/?q=1#x'):
            self.assertEqual(length(f'{url} {url}'), 47, url)

    def test_finds_addresses_where_they_stand(self):
        text = 'See https://example.org/a_(b). Or (http://example.com/?q=ü), not http:/x'
        found = [text[start:end] for start, end in url_spans(text)]
        self.assertEqual(found, ['https://example.org/a_(b)', 'http://example.com/?q=ü'])

    def test_hostile_texts_are_counted_in_linear_time(self):
        for what, text in hostile_texts().items():
            with self.subTest(what):
                start = time.process_time()
                length(text)
                self.assertLess(time.process_time() - start, 2)


class SharedPatternsTest(unittest.TestCase):
    source = COUNTER.read_text(encoding='utf-8')

    def test_the_browser_finds_addresses_by_the_same_lines(self):
        for line in counting.URL_LINES:
            self.assertIn(line, self.source)
        self.assertIn(counting.STOP, self._joined())

    def test_the_browser_has_the_same_list_of_newer_characters(self):
        here = re.sub(r'\\U0*([0-9a-f]+)', r'\\u{\1}', counting.NEWER)
        self.assertIn(here, self._joined())

    def test_the_script_is_small(self):
        self.assertLess(len(gzip.compress(self.source.encode())), 2000)

    def _joined(self) -> str:
        return re.sub(r'` \+\s+raw`', '', self.source)
