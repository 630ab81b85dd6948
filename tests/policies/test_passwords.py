"""Passwords: any characters, long enough, and not what somebody else would try first."""
import unicodedata
import unittest
from pathlib import Path
from unittest import mock

from app.exceptions import Refused
from app.policies import passwords
from app.policies.passwords import check_password

LIST = Path(passwords.__file__).with_name('common_passwords.txt')
PERSON = {'username': 'susan', 'email': 'susan.smith@example.com'}

TOO_SHORT = 'A password has at least 8 characters.'
TOO_LONG = 'A password has at most 128 characters.'
COMMON = 'Many people use this password. Choose one that is hard to guess.'
PERSONAL = 'Choose a password other than your name, your address or the name of this site.'
RUN = 'Choose a password that is not one character repeated or a run like 12345678.'
UNTYPABLE = 'This password has a character that cannot be typed. Remove it.'


class PasswordsCase(unittest.TestCase):
    def assert_good(self, *typed, **person):
        for password in typed:
            with self.subTest(ascii(password)):
                check_password(password, **person)

    def assert_refused(self, message, *typed, **person):
        for password in typed:
            with self.subTest(ascii(password)), self.assertRaises(Refused) as caught:
                check_password(password, **person)
            self.assertEqual((caught.exception.field, str(caught.exception.message)), ('password', message))


class CharactersTest(PasswordsCase):
    def test_any_characters_will_do(self):
        self.assert_good('correct horse', '  two spaces  ', 'tschüß und weg', 'пароль не скажу',
                         '合言葉は言わない', '🐢🦊🐙🦉🐝🦋🐌🐞', 'tab\there\nline', '%s%d{}<b>\'";--',
                         'x' * 7 + 'y', **PERSON)

    def test_no_kinds_of_characters_are_demanded(self):
        self.assert_good('nocapitalshere', 'NOSMALLLETTERS', '8405916273', '?!?;:-_(', **PERSON)

    def test_eight_characters_are_the_least(self):
        self.assert_refused(TOO_SHORT, '', 'a', 'x7#kq2m', '🐢🦊🐙🦉🐝🦋🐌')
        self.assert_good('x7#kq2mz')

    def test_accents_are_not_counted_as_characters_however_they_are_composed(self):
        self.assert_refused(TOO_SHORT, 'áéíóú', unicodedata.normalize('NFD', 'áéíóú'))

    def test_one_character_is_one_whatever_it_stands_for(self):
        self.assert_refused(TOO_SHORT, '\ufdfa')  # eighteen letters when it is spelled out

    def test_a_hundred_and_twenty_eight_characters_are_the_most(self):
        self.assert_good('ab cde' * 21 + 'fg', '🐢🦊' * 64)
        self.assert_refused(TOO_LONG, 'ab cde' * 21 + 'fgh', '🐢🦊' * 64 + 'x')

    def test_a_huge_one_is_refused_at_once(self):
        with mock.patch.object(passwords, '_folded') as folded:
            self.assert_refused(TOO_LONG, 'ä\u0301' * 5_000_000)
        folded.assert_not_called()

    def test_what_cannot_be_typed_or_stored_is_refused(self):
        self.assert_refused(UNTYPABLE, 'abc\0defghijk', '\0' * 10, 'broken \ud83d json')


class CommonTest(PasswordsCase):
    def test_the_list_has_ten_thousand_lines_that_all_count(self):
        lines = [line for line in LIST.read_text('utf-8').splitlines() if not line.startswith('# ')]
        self.assertEqual((len(lines), len(set(lines))), (10_000, 10_000))
        self.assertEqual(lines, sorted(lines))
        self.assertEqual({line for line in lines if len(line) < 8 or passwords._folded(line) != line}, set())

    def test_each_of_the_list_is_refused(self):
        for line in LIST.read_text('utf-8').splitlines()[4:]:
            with self.assertRaises(Refused):
                check_password(line)

    def test_common_ones_are_refused_however_they_are_spelled(self):
        self.assert_refused(COMMON, 'password', 'PassWord', 'ｐａｓｓｗｏｒｄ', 'Password1', 'qwertyuiop',
                            '1qaz2wsx', 'iloveyou', 'sunshine', '1234567890', 'TRUSTNO1', 'football')

    def test_one_character_repeated_is_refused(self):
        self.assert_refused(RUN, 'aaaaaaaa', 'ZZZZZZZZZZZZ', 'AaAaAaAaAa', '........', ' ' * 20, '0' * 128,
                            'ａaａaａaａa', 'ä' * 12, '\u200b' * 9)

    def test_counting_up_or_down_is_refused(self):
        self.assert_refused(RUN, '12345678', '23456789', '87654321', 'abcdefghijkl', 'zyxwvutsrqp',
                            'stuvwxyz', 'AbCdEfGhI', 'абвгдежзи')


class PersonalTest(PasswordsCase):
    def test_name_and_address_are_refused(self):
        self.assert_refused(PERSONAL, 'susan.smith', 'susan.smith@example.com', 'Susan.Smith@EXAMPLE.com',
                            'example.com', **PERSON)
        self.assert_refused(PERSONAL, 'montgomery', 'MONTGOMERY', username='Montgomery')

    def test_digits_and_signs_do_not_make_them_better(self):
        self.assert_refused(PERSONAL, 'susan123', '2024susan', 'Susan-2024!', '!!susan!!', 'susan_susan',
                            'sUsAn 1999', 'ｓｕｓａｎ１２３', 'susan.smith1', 'susan@susan', **PERSON)

    def test_the_name_of_the_site_is_refused(self):
        self.assert_refused(PERSONAL, 'microblog', 'Microblog1', 'susan@microblog', **PERSON)
        self.assert_refused(PERSONAL, 'kaffeeklatsch', 'Kaffeeklatsch 7', site_words=['Kaffeeklatsch'])

    def test_a_sentence_with_the_name_in_it_is_good(self):
        self.assert_good('susan has a boat', 'my microblog rocks', 'susanna runs', **PERSON)

    def test_a_very_short_name_forbids_nothing(self):
        self.assert_good('a8405916273', 'a-7392-a', username='a', email='a@b.cd')

    def test_nothing_known_about_the_person_forbids_nothing(self):
        self.assert_good('8405916273', '?!?;:-_(', username='', email='')


if __name__ == '__main__':
    unittest.main()
