"""What is kept of a text, what goes, and what counts as nothing."""
import time
import unicodedata
import unittest

from app.text.cleaning import clean, clean_line, is_blank
from tests.text.samples import CASES, hostile_texts, random_texts

INVISIBLE = (
    '\t\n\v\f\r \x85\xa0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b\u180e\u2000\u2003\u200a\u200b'
    '\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u202f\u205f\u2060\u2064\u2066\u2069\u206f\u2800\u3000'
    '\u3164\ufe00\ufe0f\ufeff\uffa0\ufff9\U0001bca0\U0001d159\U0001d173\U000e0001\U000e0020\U000e007f\U000e0100'
)
BIDI_THAT_SPILLS = ('LRE', 'RLE', 'LRO', 'RLO', 'PDF', 'LRI', 'RLI', 'FSI', 'PDI')
KEPT = (
    'Hello, world', 'tab\there', 'one\ntwo', 'one\n\ntwo', 'one\n\n\ntwo', 'a  b', 'a\u00a0b',
    '山田\u3000太郎', 'می\u200cخواهم', 'ක්\u200dෂ', 'क्\u200cष', 'ه\u200d', '\u200fשלום', 'a\u200e!', '\u061c1',
    'ภาษา\u200bไทย', 'soft\u00adhyphen', 'e\u0301', '\ufa19', 'בְּרֵאשִׁ֖ית', '葛\U000e0100',
    '❤️', '👨‍👩‍👧‍👦', '🏳️‍🌈', '1️⃣', '👍🏽', '🇩🇪',
    '🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f', '\u0b95\u0bcd\u0bb7',
    'x\u20dd', '<b>&amp;</b>',
    '-- ; DROP TABLE post', '\ue000', '⠓⠀⠊', '\u115f\u1161',
)
CHANGED = {
    '  a \n': 'a', '\u200b\u3000a\u2800\ufeff': 'a', '\n\n  a': 'a', 'a\r\nb\rc': 'a\nb\nc',
    'a\u2028b\u2029c\x85d': 'a\nb\nc\nd',
    'a\n\n\n\n\nb': 'a\n\n\nb', 'a\n \n\u00a0\n\u200b\nb': 'a\n\n\nb', 'a  \nb': 'a\nb', 'a\n  b': 'a\n  b',
    'a\x00b\x1b[0m\x7f\x9f': 'ab[0m', 'a\u202eb\u202c\u2067c\u2069': 'abc', 'a\ufeffb\u206ac\ufff9d': 'abcd',
    'a\ufdd0\uffff\U0010fffe': 'a', 'a\ud800b': 'a\ufffdb', 'a\U000e0061\U000e007f': 'a',
    '🏴\U000e0067\U000e007f': '🏴', '😀\U000e0068\U000e0065\U000e006c\U000e006c\U000e006f\U000e007f': '😀',
    'a' + '\u0301' * 50 + 'b': 'a' + '\u0301' * 10 + 'b', 'a' + '\u200d\u0301' * 50: 'a' + '\u200d\u0301' * 5,
}


class CleanTest(unittest.TestCase):
    def test_keeps_what_carries_meaning(self):
        for text in KEPT:
            self.assertEqual(clean(text), text, ascii(text))

    def test_changes_what_reaches_beyond_the_text_or_is_not_text(self):
        for text, expected in CHANGED.items():
            self.assertEqual(clean(text), expected, ascii(text))

    def test_leaves_no_control_override_or_half_character(self):
        for text in random_texts(4, 2000):
            for character in clean(text):
                if character not in '\n\t':
                    self.assertNotIn(unicodedata.category(character), ('Cc', 'Cs'), ascii(text))
                self.assertNotIn(unicodedata.bidirectional(character), BIDI_THAT_SPILLS, ascii(text))

    def test_is_trimmed(self):
        for text in random_texts(5, 2000):
            self.assertEqual(clean(text), clean(text).strip())

    def test_cleaning_twice_changes_nothing_more(self):
        for text in [*random_texts(6, 2000), *(case['text'] for case in CASES)]:
            self.assertEqual(clean(clean(text)), clean(text), ascii(text))

    def test_hostile_texts_are_cleaned_in_linear_time(self):
        for what, text in hostile_texts().items():
            with self.subTest(what):
                start = time.process_time()
                clean(text)
                clean_line(text)
                self.assertLess(time.process_time() - start, 2)


class BlankTest(unittest.TestCase):
    def test_what_nobody_sees_is_blank(self):
        for text in ['', *INVISIBLE, INVISIBLE, '\u0301', '\u0301\u0302', '\ufe0f\u200d', '\x00']:
            with self.subTest(ascii(text)):
                self.assertTrue(is_blank(text))
                self.assertEqual(clean(text), '')
                self.assertEqual(clean_line(text), '')

    def test_what_somebody_sees_is_not(self):
        for text in ('.', '0', 'é', '\u200b.', '\ufe0f☃', '🇩', 'ㅋ', '⠓', '\u0600', '\ufffc', '\ufffd',
                     '\ue000', '\u0378', '👍🏽'):
            with self.subTest(ascii(text)):
                self.assertFalse(is_blank(text))
                self.assertNotEqual(clean(text), '')


class CleanLineTest(unittest.TestCase):
    def test_is_one_line_with_single_spaces(self):
        for text, expected in {
            'Ada  Lovelace': 'Ada Lovelace', ' Ada\r\n\r\nLovelace ': 'Ada Lovelace',
            'Ada\tLovelace': 'Ada Lovelace',
            'Ada\u00a0\u3000\u200bLovelace': 'Ada Lovelace',
            '山田\u3000太郎': '山田\u3000太郎', 'می\u200cخواهم': 'می\u200cخواهم',
            'Ada\u202e': 'Ada', '\u3164': '', 'A\nb\nc': 'A b c',
        }.items():
            self.assertEqual(clean_line(text), expected, ascii(text))

    def test_never_holds_a_line_break_or_an_edge(self):
        for text in random_texts(7, 2000):
            line = clean_line(text)
            self.assertNotRegex(line, r'[\r\n\t\u2028\u2029]|  ')
            self.assertEqual(line, line.strip())
            self.assertEqual(clean_line(line), line, ascii(text))
