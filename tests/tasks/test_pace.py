"""Work in the background makes room for pages, in the process that serves them."""
import threading
import unittest
from unittest import mock

from app.tasks import pace


class Resting(unittest.TestCase):
    def setUp(self):
        self.stopping = mock.Mock(spec=threading.Event)
        self.stopping.is_set.return_value = False
        self.used = self.enterContext(mock.patch('app.tasks.pace.time.thread_time', return_value=0.0))
        self.clock = self.enterContext(mock.patch('app.tasks.pace.time.monotonic', return_value=1000.0))
        self.enterContext(mock.patch.object(pace, '_page_asked_at', 999.5))
        self.pace = pace.Pace(self.stopping)

    def rested(self) -> float:
        return sum(call.args[0] for call in self.stopping.wait.call_args_list)

    def test_takes_nine_times_as_long_as_what_was_done(self):
        self.used.return_value = 0.01
        self.pace.rest()
        self.assertAlmostEqual(0.09, self.rested())
        self.pace.rest()
        self.assertAlmostEqual(0.09, self.rested())

    def test_is_for_half_a_second_at_most(self):
        self.used.return_value = 30.0
        self.pace.rest()
        self.assertEqual(0.5, self.rested())

    def test_is_not_needed_where_nobody_reads(self):
        self.clock.return_value = 1010.0
        self.used.return_value = 0.01
        self.pace.rest()
        self.assertEqual(0, self.rested())

    def test_comes_in_the_middle_of_a_long_job_too_which_ends_there_when_the_process_does(self):
        self.used.return_value = 0.02
        self.pace.breathe()
        self.assertAlmostEqual(0.18, self.rested())
        self.stopping.is_set.return_value = True
        with self.assertRaises(pace.Stopping):
            self.pace.breathe()
