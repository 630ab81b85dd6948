"""Writers of SQLite write in the order in which they came, and nobody keeps a turn that is over."""
import tempfile
import time
import unittest
from pathlib import Path
from threading import Thread
from unittest import mock

import sqlalchemy as sa

from app import turnstile
from app.database import begin_immediate, impatient
from app.turns import Turns
from app.turnstile import Turnstile
from tests.parts import once_only

WRITERS = 12
HELD = 0.02


class FileCase(unittest.TestCase):
    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.engine = sa.create_engine(f'sqlite:///{folder}/turns.db', pool_size=WRITERS)
        self.addCleanup(self.engine.dispose)
        with self.engine.begin() as connection:
            connection.exec_driver_sql('CREATE TABLE written (writer INTEGER)')

    def write(self, number: int) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(f'INSERT INTO written VALUES ({number})')
            time.sleep(HELD)

    def written(self) -> list[int]:
        with self.engine.connect() as connection:
            return list(connection.scalars(sa.text('SELECT writer FROM written ORDER BY rowid')))


@once_only
class InTurn(FileCase):
    def test_writers_write_in_the_order_in_which_they_came(self):
        writers = [Thread(target=self.write, args=(number,)) for number in range(WRITERS)]
        with self.engine.begin() as connection:
            begin_immediate(connection)
            for writer in writers:
                writer.start()
                time.sleep(HELD)
        for writer in writers:
            writer.join()
        self.assertEqual(list(range(WRITERS)), self.written())

    def test_a_turn_ends_with_the_transaction_however_it_ends(self):
        for end in ('commit', 'rollback', 'close', 'invalidate'):
            with self.engine.connect() as connection:
                connection.exec_driver_sql('INSERT INTO written VALUES (0)')
                if end in ('commit', 'rollback'):
                    getattr(connection.get_transaction(), end)()
                else:
                    getattr(connection, end)()
            began = time.monotonic()
            self.write(1)
            self.assertLess(time.monotonic() - began, 5, end)

    def test_whoever_waits_or_writes_keeps_the_place_at_the_turnstile(self):
        gate = Turnstile(1, HELD * 1000)
        inside = []

        def look(statement):
            if statement in ('BEGIN IMMEDIATE', 'COMMIT'):
                inside.append(len(gate.inside))
        with mock.patch.object(turnstile, 'requests', gate), gate.passed(), self.engine.begin() as connection:
            connection.connection.dbapi_connection.set_trace_callback(look)
            connection.exec_driver_sql('INSERT INTO written VALUES (1)')
        self.assertEqual([1, 1], inside)
        self.assertEqual([1], self.written())

    def test_a_failed_statement_keeps_nobody_waiting(self):
        for _time in range(2):
            with self.assertRaises(sa.exc.DBAPIError), self.engine.begin() as connection:
                connection.exec_driver_sql('INSERT INTO nowhere VALUES (0)')
        self.write(1)
        self.assertEqual([1], self.written())

    def test_who_does_not_want_to_wait_is_told_at_once(self):
        with self.engine.begin() as first, self.engine.connect() as second:
            begin_immediate(first)
            began = time.monotonic()
            with self.assertRaises(sa.exc.OperationalError), impatient(second):
                begin_immediate(second)
            self.assertLess(time.monotonic() - began, 5)
        self.write(1)
        self.assertEqual([1], self.written())

    def test_a_turn_that_comes_too_late_goes_to_the_next_one(self):
        turns = Turns()
        self.assertTrue(turns.take(0))
        self.assertFalse(turns.take(0.01))
        turns.give_on()
        self.assertTrue(turns.take(0))
