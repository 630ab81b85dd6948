"""What a limit means, in our words and in those of the `limits` library."""
import unittest

from limits import parse_many

from app.counts import rates
from tests.parts import once_only

SETTINGS = ('10 per 5 minute', '30/minute', '5 per day', '10 per 5 minutes; 100 per day',
            '2/ 3 hours,7/second|1 per year', '999999999 per 999 month')


@once_only
class Rates(unittest.TestCase):
    def test_are_read_as_the_library_reads_them(self):
        for text in SETTINGS:
            theirs, ours = parse_many(text), rates.parse(text)
            self.assertEqual([(one.amount, one.get_expiry()) for one in theirs],
                             [(one.amount, one.get_expiry()) for one in ours], text)

    def test_count_in_the_same_buckets(self):
        for text in SETTINGS:
            self.assertEqual([one.key_for('post', 'id 7') for one in parse_many(text)],
                             [one.key_for('post', 'id 7') for one in rates.parse(text)], text)
