"""The turnstile in front of the application: few at one moment, in turn, and nothing slow holds up the others."""
import unittest
import unittest.mock
from functools import partial
from threading import Event, Thread

from app import hashing, turnstile
from app.turnstile import Turnstile
from tests.parts import once_only

FOREVER = 3600


@once_only
class TurnstileTest(unittest.TestCase):
    def setUp(self):
        self.entered = []
        self.threads = []

    def come(self, gate: Turnstile, name: str, work=None) -> Event:
        """Somebody comes and is served until the event is set; back when they are inside or in the queue."""
        done, length = Event(), len(gate.waiting) + len(self.entered)

        def visit():
            with gate.passed():
                self.entered.append(name)
                (work or done.wait)()
        self.threads.append(Thread(target=visit))
        self.threads[-1].start()
        self.addCleanup(done.set)
        self.until(lambda: len(gate.waiting) + len(self.entered) > length)
        return done

    def have_entered(self, number: int) -> bool:
        return len(self.entered) == number

    def until(self, condition) -> None:
        pause = Event()
        for _ in range(5000):
            if condition():
                return
            pause.wait(0.002)
        self.fail('this never came')

    def test_few_are_inside_and_the_others_follow_in_the_order_in_which_they_came(self):
        gate = Turnstile(2, FOREVER)
        visits = [self.come(gate, name) for name in 'abcdef']
        self.assertEqual(['a', 'b'], self.entered)
        for number, done in enumerate(visits[:-2]):
            done.set()
            self.until(partial(self.have_entered, number + 3))
        for done in visits:
            done.set()
        self.assertEqual(list('abcdef'), self.entered)
        for thread in self.threads:
            thread.join()
        self.assertFalse(gate.inside)

    def test_who_is_inside_for_long_holds_nobody_up(self):
        gate = Turnstile(1, 0.01)
        self.come(gate, 'slow')
        self.come(gate, 'slower')
        self.come(gate, 'next')
        self.until(lambda: self.entered == ['slow', 'slower', 'next'])

    def test_who_only_waits_leaves_the_place_to_the_next_and_goes_on_without_a_queue(self):
        gate, waited = Turnstile(1, FOREVER), Event()

        def wait():
            with gate.aside():
                waited.wait()
            self.entered.append('a goes on')
        self.come(gate, 'a', wait)
        self.come(gate, 'b')
        self.until(lambda: 'b' in self.entered)
        waited.set()
        self.until(lambda: self.entered == ['a', 'b', 'a goes on'])

    def test_a_fault_gives_the_place_back(self):
        gate = Turnstile(1, FOREVER)
        for _ in range(2):
            with self.assertRaises(ZeroDivisionError), gate.passed(), gate.aside():
                raise ZeroDivisionError
        self.assertFalse(gate.inside)

    def test_without_a_number_everybody_goes_in(self):
        gate = Turnstile()
        for name in 'abc':
            self.come(gate, name)
        self.assertEqual(3, len(self.entered))

    def test_a_password_is_hashed_aside(self):
        gate = Turnstile(1, FOREVER)
        self.enterContext(unittest.mock.patch.object(turnstile, 'requests', gate))
        with unittest.mock.patch.object(hashing, '_hasher') as hasher:
            hasher().hash = lambda _password: str(len(gate.inside))
            with gate.passed():
                self.assertEqual('0', hashing.hash_password('correct horse'))
                self.assertEqual(1, len(gate.inside))
