"""Usernames and addresses: what may be taken, what is refused, and in which words."""
import unittest

from app.exceptions import Refused
from app.models import email_key, username_key
from app.policies import names
from app.policies.names import check_email, check_username, is_reserved


class NamesCase(unittest.TestCase):
    def refused(self, check, value):
        with self.assertRaises(Refused) as caught:
            check(value)
        return caught.exception.field, str(caught.exception.message)


class UsernameTest(NamesCase):
    def assert_refused(self, name, message):
        with self.subTest(name):
            self.assertEqual(self.refused(check_username, name), ('username', message))

    def test_letters_digits_and_underscores_stay_as_typed(self):
        for name in ('susan', 'Susan', 'S', '7', '_a_', '__0', 'a' * 30, 'X_1', '1234567890'):
            with self.subTest(name):
                self.assertEqual(check_username(name), name)

    def test_other_characters_are_refused_and_the_allowed_ones_named(self):
        message = 'A username has only letters from A to Z, digits and underscores.'
        for name in ('', ' ', 'su san', ' susan', 'susan ', 'susan\n', 'su-san', 'su.san', 'a/b', '../a',
                     'a@b', 'a\x00', '<b>', 'süsan', 'sus\u200ban', 'su\u202esan', 'sus\u00adan', '\ud800',
                     'x' * 10_000 + '!'):
            self.assert_refused(name, message)

    def test_look_alikes_from_other_scripts_are_refused(self):
        for name in ('sus\u0430n', 'ｓｕｓａｎ', '\u017fusan', '\u212aarl', '𝐬𝐮𝐬𝐚𝐧', 'ⅰvan', '１２', '٣'):
            self.assert_refused(name, 'A username has only letters from A to Z, digits and underscores.')

    def test_thirty_characters_are_the_most(self):
        for name in ('a' * 31, 'a' * 10_000):
            self.assert_refused(name, f'A username has at most {names.USERNAME_MAX} characters.')

    def test_underscores_alone_are_no_name(self):
        for name in ('_', '_' * 30):
            self.assert_refused(name, 'A username has at least one letter or digit.')

    def test_reserved_words_are_refused_like_taken_names(self):
        for name in ('admin', 'Admin', 'ROOT', 'support', '_admin_', 'a_d_m_i_n', 'edit_profile', 'no_reply',
                     'Static', 'auth', 'explore', 'user', 'send_message', 'sendmessage', 'well_known'):
            self.assert_refused(name, str(names.TAKEN))

    def test_words_that_only_begin_with_a_reserved_one_are_free(self):
        for name in ('administer', 'rooted', 'admin1', 'mary_root', 'poster'):
            with self.subTest(name):
                self.assertFalse(is_reserved(name))

    def test_each_reserved_word_is_written_as_it_is_compared(self):
        for word in names.RESERVED:
            with self.subTest(word):
                self.assertTrue(is_reserved(word))

    def test_names_that_differ_in_case_share_their_key(self):
        self.assertEqual(username_key('SuSaN_1'), 'susan_1')
        self.assertNotEqual(username_key('susan'), username_key('su_san'))


class EmailTest(NamesCase):
    def test_the_domain_is_stored_in_lower_case_and_the_rest_as_typed(self):
        for typed, stored in {
            'susan@example.com': 'susan@example.com', 'Susan.X@Example.COM': 'Susan.X@example.com',
            ' susan@example.com ': 'susan@example.com', 'a+b=c@sub.example.co.uk': 'a+b=c@sub.example.co.uk',
            "o'neil_{1}@example.org": "o'neil_{1}@example.org", 'a@someone.test': 'a@someone.test',
        }.items():
            with self.subTest(typed):
                self.assertEqual(check_email(typed), stored)

    def test_a_domain_in_letters_of_the_world_is_stored_in_ascii(self):
        for typed, stored in {
            'a@bücher.de': 'a@xn--bcher-kva.de', 'a@BÜCHER.de': 'a@xn--bcher-kva.de',
            'a@bu\u0308cher.de': 'a@xn--bcher-kva.de', 'a@straße.de': 'a@xn--strae-oqa.de',
            'a@ｅxample.com': 'a@example.com', 'a@例え.jp': 'a@xn--r8jz45g.jp',
        }.items():
            with self.subTest(typed):
                self.assertEqual(check_email(typed), stored)

    def test_what_is_no_address_is_refused_with_an_example(self):
        for address in (
                '', ' ', '@', 'susan', 'susan@', '@x.com', 'a@b', 'a@b@x.com', 'a@localhost', 'a b@x.com',
                '.a@x.com', 'a.@x.com', 'a..b@x.com', 'a@x..com', 'a@-x.com', 'a@x.com.', 'a@x_y.com',
                'a@[127.0.0.1]', 'a@127.0.0.1', '"a b"@x.com', '"a"@x.com', 'Susan <a@x.com>', '<a@x.com>',
                'a@x.com, b@x.com', 'a(c)@x.com', 'a@x.com b@x.com', 'mailto:a@x.com?cc=b@x.com'):
            with self.subTest(address):
                self.assertEqual(self.refused(check_email, address),
                                 ('email', 'Enter an e-mail address like name@example.com.'))

    def test_control_and_invisible_characters_are_refused(self):
        for bad in '\x00\t\n\r\x1b\x7f\x85\xa0\xad\u200b\u200d\u202e\u2028\u2060\ufeff\ud800\ufffe':
            for address in (f'a{bad}b@x.com', f'ab@x{bad}y.com', f'ab@x.com{bad}', f'{bad}ab@x.com'):
                with self.subTest(ascii(address)):
                    self.assertEqual(self.refused(check_email, address)[0], 'email')

    def test_a_header_cannot_be_smuggled_in(self):
        self.assertEqual(self.refused(check_email, 'a@example.com\r\nBcc: b@example.com')[0], 'email')

    def test_letters_beyond_ascii_before_the_at_sign_are_refused(self):
        for address in ('josé@example.com', 'sus\u0430n@example.com', 'ｓ@example.com', '用户@例え.jp'):
            with self.subTest(address):
                _, message = self.refused(check_email, address)
                self.assertTrue(message.startswith('Before the @, use only A to Z'))

    def test_a_hundred_and_twenty_characters_are_the_most(self):
        tail = '@' + 'b' * 60 + '.com'
        self.assertEqual(len(check_email('a' * 55 + tail)), names.EMAIL_MAX)
        for address in ('a' * 56 + tail, 'a' * 1_000_000, 'ü@' * 5000):
            with self.subTest(address[:5]):
                self.assertEqual(self.refused(check_email, address),
                                 ('email', 'An e-mail address has at most 120 characters.'))

    def test_sixty_four_of_them_stand_before_the_at_sign(self):
        self.assertEqual(check_email('a' * 64 + '@example.com'), 'a' * 64 + '@example.com')
        self.assertEqual(self.refused(check_email, 'a' * 65 + '@example.com')[0], 'email')

    def test_the_ascii_form_counts(self):
        address = 'a@' + '.'.join(['äöü' * 8] * 4) + '.com'
        self.assertLess(len(address), names.EMAIL_MAX)
        self.assertIn('at most 120 characters', self.refused(check_email, address)[1])

    def test_the_key_of_what_is_typed_is_the_key_of_what_is_stored(self):
        for typed in ('Susan@Example.COM', 'a@bücher.de', 'a@ｅxample.com', 'a@BÜCHER.de'):
            with self.subTest(typed):
                self.assertEqual(email_key(typed), email_key(check_email(typed)))
        self.assertEqual(email_key('SUSAN@example.com'), email_key('susan@EXAMPLE.com'))

    def test_keys_can_be_made_of_anything(self):
        long = 'x' * 100_000 + '@' + 'ü' * 100_000
        for text in ('', '@', 'a@', long, '\x00@\x00', '\ud800@\ud800', 'a@..', '@@@'):
            with self.subTest(ascii(text[:10])):
                self.assertIsInstance(email_key(text), str)
                self.assertIsInstance(username_key(text), str)


if __name__ == '__main__':
    unittest.main()
