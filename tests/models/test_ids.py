"""Order by id is order in time."""
import threading
import unittest
from datetime import UTC, datetime, timedelta

from app.models.ids import MAX_ID, first_id, id_at, moment_of, new_id


class Ids(unittest.TestCase):
    def test_a_later_moment_has_a_higher_id(self):
        start = datetime(2020, 5, 17, 10, 0, 0, 0, UTC)
        ids = [id_at(start + timedelta(milliseconds=step)) for step in range(100)]
        self.assertEqual(sorted(set(ids)), ids)

    def test_an_id_tells_its_moment_to_the_millisecond(self):
        moment = datetime(2026, 11, 21, 9, 42, 7, 123456, UTC)
        self.assertEqual(moment.replace(microsecond=123000), moment_of(id_at(moment)))
        self.assertLessEqual(first_id(moment), id_at(moment))

    def test_there_is_room_until_the_year_6429(self):
        self.assertEqual(6429, moment_of(MAX_ID).year)

    def test_a_process_never_goes_below_its_last_id(self):
        drawn: list[int] = []

        def draw():
            drawn.extend(new_id() for _ in range(2000))
        threads = [threading.Thread(target=draw) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(8000, len(set(drawn)))
        own = [new_id() for _ in range(1000)]
        self.assertEqual(sorted(own), own)
