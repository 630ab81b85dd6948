"""Password hashes: Argon2id at a known price, two at once, the same work for every failure."""
import threading
import time
import unittest
from unittest import mock

import argon2

from app import hashing
from app.hashing import hash_password, needs_rehash, verify_password, waste_time


class HashTest(unittest.TestCase):
    def test_a_hash_is_argon2id_with_19_mib_and_two_passes(self):
        self.assertTrue(hash_password('correct horse').startswith('$argon2id$v=19$m=19456,t=2,p=1$'))

    def test_a_hash_fits_its_password_and_no_other(self):
        stored = hash_password('correct horse')
        self.assertTrue(verify_password(stored, 'correct horse'))
        for other in ('Correct horse', 'correct horse ', '', 'correct', 'correct\0horse'):
            with self.subTest(other):
                self.assertFalse(verify_password(stored, other))

    def test_the_same_password_never_has_the_same_hash(self):
        self.assertNotEqual(hash_password('correct horse'), hash_password('correct horse'))

    def test_it_does_not_matter_how_a_keyboard_composes(self):
        stored = hash_password('caf\u00e9 cr\u00e8me')
        self.assertTrue(verify_password(stored, 'cafe\u0301 cre\u0300me'))

    def test_all_of_the_longest_password_counts(self):
        stored = hash_password('x' * 127 + 'y')
        self.assertTrue(verify_password(stored, 'x' * 127 + 'y'))
        self.assertFalse(verify_password(stored, 'x' * 128))
        self.assertFalse(verify_password(stored, 'x' * 127 + 'yz'))

    def test_what_is_no_hash_fits_nothing(self):
        for stored in ('', 'plain', '$argon2id$', 'pbkdf2:sha256:1$x$y'):
            with self.subTest(stored):
                self.assertFalse(verify_password(stored, 'plain'))

    def test_a_hash_of_other_costs_still_fits_and_is_to_be_renewed(self):
        cheap = argon2.PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash('correct horse')
        self.assertTrue(verify_password(cheap, 'correct horse'))
        self.assertTrue(needs_rehash(cheap))
        self.assertFalse(needs_rehash(hash_password('correct horse')))


class WorkTest(unittest.TestCase):
    """Counted in calls: clocks are for benchmarks."""

    def setUp(self):
        self.stored = hash_password('correct horse')
        waste_time('warm up')

    def work(self, function, *arguments):
        verify = argon2.PasswordHasher.verify
        with mock.patch.object(argon2.PasswordHasher, 'verify', autospec=True, side_effect=verify) as counted:
            self.assertIn(function(*arguments), (True, False))
        return [call.args[1].split('$')[1:4] for call in counted.call_args_list]

    def test_every_log_in_costs_one_hash_whatever_comes_of_it(self):
        right = self.work(verify_password, self.stored, 'correct horse')
        self.assertEqual(len(right), 1)
        self.assertEqual(self.work(verify_password, self.stored, 'wrong horse'), right)
        self.assertEqual(self.work(verify_password, self.stored, 'x' * 5000), right)
        self.assertEqual(self.work(waste_time, 'unknown person'), right)
        self.assertEqual(self.work(waste_time, 'x' * 5000), right)

    def test_a_huge_password_is_not_read_to_its_end(self):
        with mock.patch.object(hashing.unicodedata, 'normalize', wraps=hashing.unicodedata.normalize) as normalize:
            self.assertFalse(verify_password(self.stored, 'ä\u0301' * 5_000_000))
        self.assertEqual([hashing.LONGEST], [len(call.args[1]) for call in normalize.call_args_list])

    def test_two_at_once_are_the_most(self):
        now, most, lock = 0, 0, threading.Lock()

        def slow(*arguments):
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1
            return True

        with mock.patch.object(argon2.PasswordHasher, 'verify', side_effect=slow):
            threads = [threading.Thread(target=verify_password, args=(self.stored, 'x')) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(most, hashing.AT_ONCE)
        self.assertEqual(hashing.AT_ONCE, 2)

    def test_a_failure_gives_its_turn_back(self):
        for _ in range(5):
            self.assertFalse(verify_password('garbage', 'x'))
        self.assertTrue(verify_password(self.stored, 'correct horse'))


if __name__ == '__main__':
    unittest.main()
