"""Folding: one token for every way to write a word, in whatever script."""
import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from app.search.folding import LONGEST, fold, spans

TEXTS = st.text(st.characters(codec='utf-8'), max_size=60) | st.text(
    st.sampled_from('aZé\u0301ßŁıİſΣς山が\u3099ｶﾞ한ᄒ\u1161กำ\u0e31क\u094d\u0928\u0645\u0651\u0640٣½①ﬁ\U0001f469'
                    '\U0001f3fd\u200d\U0001f1e9_-\' \n#@"\u202e\u200c'), max_size=40)


class Folding(unittest.TestCase):
    def assertSame(self, *writings: str) -> None:
        self.assertEqual([fold(writings[0])] * len(writings), [fold(writing) for writing in writings])

    def test_knows_no_difference_of_case_accents_and_width(self):
        self.assertSame('Café', 'CAFE\u0301', 'ｃａｆé', 'cafe')
        self.assertSame('Straße', 'STRASSE', 'strasse')
        self.assertSame('Łódź', 'lodz')
        self.assertSame('İstanbul', 'istanbul', 'ISTANBUL')
        self.assertSame('ΣΊΣΥΦΟΣ', 'σίσυφος', 'σισυφοσ')
        self.assertSame('ёж', 'еж', 'ЁЖ')
        self.assertSame('ﬁne', 'fine')
        self.assertSame('ｱﾎﾟｶﾞ', 'アポガ')
        self.assertSame('مَرْحَبًا', 'مرحبا', 'مرحـــبا')
        self.assertSame('شَلوم', 'شلوم')
        self.assertSame('한국', '\u1112\u1161\u11ab\u1100\u116e\u11a8')

    def test_keeps_signs_that_make_another_letter(self):
        self.assertNotEqual(fold('か'), fold('が'))
        self.assertNotEqual(fold('क'), fold('क्'))

    def test_gives_each_character_of_writing_without_spaces_and_each_emoji_a_token(self):
        self.assertEqual(['iphone', '手', '机'], fold('iPhone手机'))
        self.assertEqual(['カ', 'ー', 'ド', 'abc'], fold('カードabc'))
        self.assertEqual(['วั', 'น', 'นี', 'ฉั', 'น'], fold('วันนี้ฉัน'))
        self.assertEqual(['☕', 'a', '👩', '🚀'], fold('☕a👩🏽‍🚀'))

    def test_parts_words_at_every_sign(self):
        self.assertEqual(['don', 't', 'c', 'a', 'b', '3', '14', 'x'], fold("don't c++ a_b 3.14 x%"))
        self.assertEqual([], fold('+ % _ " \' \\ () * ~ \u0301 \u200d'))

    def test_cuts_words_that_no_index_takes(self):
        self.assertEqual(['a' * LONGEST], fold('a' * 1000))
        self.assertEqual(['e' * LONGEST], fold('é' * 1000))

    @settings(max_examples=300, deadline=None)
    @given(TEXTS)
    def test_twice_is_once(self, text):
        once = fold(text)
        self.assertEqual(once, fold(' '.join(once)))
        self.assertEqual(once, [token for _start, _end, token in spans(text)])
        for token in once:
            self.assertNotRegex(token, r"""[\s"'\\_*%:&|!()<>-]""")

    @settings(max_examples=200, deadline=None)
    @given(TEXTS)
    def test_places_are_in_order_and_within_the_text(self, text):
        last = 0
        for start, end, _token in spans(text):
            self.assertLessEqual(last, start)
            self.assertLess(start, end)
            last = start
        self.assertLessEqual(last, len(text))
