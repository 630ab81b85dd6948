"""Names and tags in what people write: where they begin and end, and where they are only text."""
import time
import unittest

from app.models import tag_key
from app.text.links import Places, rich
from app.text.scanning import LONGEST_TAG, names, tags
from tests.parts import once_only

MENTIONS = {
    '@susan': ['susan'], 'hi @Susan, @susan and @SUSAN!': ['SUSAN'], '(@a) "@b" @c.': ['a', 'b', 'c'],
    '你好@susan你好': ['susan'], '@_a_': ['_a_'], '@' + 'a' * 30: ['a' * 30], '@' + 'a' * 31: [],
    'mail susan@example.com': [], '@susan@example.com': [], 'example.com/@susan': [], 'https://example.com/@susan': [],
    'a.@susan': [], '`@susan`': [], '`` x @susan ``': [], '`@susan': ['susan'], '`a` @susan `b`': ['susan'],
    '`a\n@susan`': ['susan'], '@@susan': [], '@': [], '@ susan': [], '@é': [], '@a\n@b': ['a', 'b'], '': [],
}
TAGS = {
    '#moss': ['moss'], 'a #Moss, #moss.': ['Moss', 'moss'], '(#a)': ['a'], '#a_1 #1_a #2024a': ['a_1', '1_a', '2024a'],
    '#2 #2024 #_ #_1 #': [], '#straße #łódź #हिन्दी #東京 #日本語タグ ＃ひらがな #می‌خواهم #עברית': [
        'straße', 'łódź', 'हिन्दी', '東京', '日本語タグ', 'ひらがな', 'می‌خواهم', 'עברית'],
    'a#b': [], '##a': [], '/#a &#a @#a': [], 'https://example.com/#a': [], '`#a`': [], "#don't": ['don'], '#a-b': ['a'],
    '#' + 'a' * LONGEST_TAG: ['a' * LONGEST_TAG], '#' + 'a' * (LONGEST_TAG + 1): [], '#' + 'a' * 500: [],
    '#a#b': ['a'], '#é': ['é'], '#c++': ['c'], '#👍': [],
}
SAME = ('Moss', 'MOSS', 'ｍｏｓｓ', 'móss'), ('Straße', 'STRASSE'), ('می‌خواهم', 'میخواهم')
HOSTILE = ('@a ' * 1000, '@' * 5000, '#a' * 5000, '#' + '1' * 5000, '`' * 5000, '`a' * 5000, '#a ' * 3000, '#_' * 5000)
PLACES = Places('/tag/', '/user/', (('sue', 'susan'),))


@once_only
class Scanning(unittest.TestCase):
    def test_finds_names_where_they_are_meant(self):
        for text, found in MENTIONS.items():
            self.assertEqual(found, names(text), ascii(text))

    def test_finds_tags_of_every_script(self):
        for text, found in TAGS.items():
            self.assertEqual(found, tags(text), ascii(text))

    def test_forms_that_differ_only_in_case_and_the_like_have_one_key(self):
        for forms in SAME:
            self.assertEqual(1, len({tag_key(form) for form in forms}), forms)
        self.assertNotEqual(tag_key('हिन्दी'), tag_key('हन्दू'))
        self.assertEqual('', tag_key('\uff9e'))
        self.assertLessEqual(len(tag_key('ﷺ' * 100)), 100)

    def test_is_linear_whatever_was_written(self):
        for text in HOSTILE:
            start = time.process_time()
            tags(text)
            names(text)
            rich(text, PLACES)
            self.assertLess(time.process_time() - start, 3, text[:9])


@once_only
class Links(unittest.TestCase):
    def test_lead_to_tags_and_to_those_who_are_known_under_the_name_they_have_now(self):
        self.assertEqual('<p>@mary and <a href="/user/susan" data-popup><bdi dir="ltr">@Sue</bdi></a> on '
                         '<a href="/tag/Stra%C3%9Fe"><bdi>#Straße</bdi></a></p>',
                         rich('@mary and @Sue on #Straße', PLACES))

    def test_are_none_in_code_and_where_no_places_are_given(self):
        self.assertEqual('<p>`@sue #a`</p>', rich('`@sue #a`', PLACES))
        self.assertEqual('<p>@sue #a</p>', rich('@sue #a'))

    def test_a_sign_in_one_line_does_not_reach_into_the_next(self):
        self.assertEqual('<p>`a<br>b` <a href="/tag/c"><bdi>#c</bdi></a></p>', rich('`a\nb` #c', PLACES))
