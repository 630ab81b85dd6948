"""Counting itself: exact among processes and threads, in each storage; windows, and giving back."""
import json
import logging
import sqlite3
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from unittest import mock

import sqlalchemy as sa

from app import db, limits
from app.counts import memory
from app.counts.database import DatabaseCounts
from app.counts.memory import MemoryCounts
from app.counts.steady import SteadyCounts
from app.models import RateLimit, utcnow
from tests.accounts import ActCase
from tests.limits.counting import SECONDS
from tests.limits.redis_server import RedisServer, needs_redis
from tests.parts import once_only
from tests.world import KIND, only_on

ROOT = Path(__file__).resolve().parent.parent.parent
HITS = 200  # of each process


class ExactCase:
    """Two processes with eight threads each count into one bucket: every number comes once."""

    def assert_exact(self, address: str) -> None:
        command = [sys.executable, '-m', 'tests.limits.counting', address, 'exact', str(HITS)]
        processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        answers = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
        self.assertEqual([False, False], [answer['is_away'] for answer in answers])
        numbers = sorted(number for answer in answers for number in answer['numbers'])
        self.assertEqual(list(range(1, 2 * HITS + 1)), numbers)


class Counting:
    """What holds for every storage; `counts` is one."""

    def test_counts_each_bucket_by_itself(self):
        self.assertEqual([1, 2, 1, 3], [self.counts.incr(bucket, 60) for bucket in ('a', 'a', 'b', 'a')])
        self.assertEqual((3, 1, 0), tuple(map(self.counts.get, ('a', 'b', 'c'))))

    def test_gives_back(self):
        self.counts.incr('a', 60)
        self.counts.incr('a', 60)
        self.assertEqual((1, 2), (self.counts.incr('a', 60, -1), self.counts.incr('a', 60)))

    def test_a_window_begins_with_its_first_hit_and_ends(self):
        for _ in range(3):
            self.counts.incr('a', 1)
        self.assertAlmostEqual(time.time() + 1, self.counts.get_expiry('a'), delta=1)
        time.sleep(1.1)
        self.assertEqual((0, 1), (self.counts.get('a'), self.counts.incr('a', 1)))

    def test_forgets(self):
        for bucket in 'abc':
            self.counts.incr(bucket, 60)
        self.counts.clear('a')
        self.assertEqual([0, 1], [self.counts.get('a'), self.counts.get('b')])
        self.counts.reset()
        self.assertEqual([0, 0], [self.counts.get('b'), self.counts.get('c')])

    def test_answers(self):
        self.assertTrue(self.counts.check())


class InTheDatabase(Counting, ExactCase, ActCase):
    def setUp(self):
        super().setUp()
        self.address = self.app.config['SQLALCHEMY_DATABASE_URI']
        self.counts = self.made(SECONDS)

    def made(self, seconds: int) -> DatabaseCounts:
        counts = DatabaseCounts(self.address, seconds)
        self.addCleanup(counts.engine.dispose)
        return counts

    def test_is_exact(self):
        self.assert_exact(self.address)

    def test_does_not_wait_for_a_window_that_ends_when_the_clock_was_later(self):
        now = utcnow()
        for ahead, hits in ((timedelta(hours=1), 1), (timedelta(seconds=90), 6)):
            db.session.merge(RateLimit(bucket='a', hits=5, expires_at=now + ahead))
            db.session.commit()
            self.assertEqual(hits, self.counts.incr('a', 60))

    def test_gives_nothing_back_to_a_window_that_is_over(self):
        db.session.add(RateLimit(bucket='a', hits=5, expires_at=utcnow() - timedelta(seconds=1)))
        db.session.commit()
        self.assertEqual([0, 1], [self.counts.incr('a', 60, -1), self.counts.incr('a', 60)])

    def test_survives_connections_that_were_closed(self):
        self.counts.incr('a', 60)
        if KIND != 'sqlite':
            end = {'postgresql': 'SELECT pg_terminate_backend({})', 'mysql': 'KILL {}'}[KIND]
            own = {'postgresql': 'SELECT pg_backend_pid()', 'mysql': 'SELECT connection_id()'}[KIND]
            with self.counts.engine.connect() as connection:
                id = connection.scalar(sa.text(own))
            db.session.execute(sa.text(end.format(id)))
            db.session.commit()
        self.assertEqual(2, self.counts.incr('a', 60))

    @only_on('sqlite')
    def test_costs_no_sync_to_the_disk(self):
        with self.made(limits.SECONDS).engine.connect() as connection:
            seen = [connection.exec_driver_sql(f'PRAGMA {name}').scalar()
                    for name in ('synchronous', 'wal_autocheckpoint', 'busy_timeout')]
        self.assertEqual([1, 0, 250], seen)

    @only_on('sqlite')
    def test_waits_for_its_turn_among_those_who_write_and_gives_it_on(self):
        with self.counts.engine.connect() as connection:
            turns = connection.connection.dbapi_connection.turns
        self.assertTrue(turns.take(1))
        with self.assertRaisesRegex(sqlite3.OperationalError, 'locked'):
            self.made(limits.SECONDS).incr('a', 60)
        turns.give_on()
        self.assertEqual([1, 2], [self.counts.incr('a', 60) for _ in range(2)])
        self.assertTrue(turns.take(1))
        turns.give_on()

    @only_on('postgresql')
    def test_changes_no_setting_of_the_connection(self):
        with self.counts.engine.connect().execution_options(isolation_level='AUTOCOMMIT') as connection:
            connection.exec_driver_sql('SET synchronous_commit = on')
        self.counts.incr('a', 60)  # over the same connection: there is no other yet
        with self.counts.engine.connect() as connection:
            self.assertEqual('on', connection.exec_driver_sql('SHOW synchronous_commit').scalar())
        self.assertEqual(1, self.counts.engine.pool.checkedin())


class InMemory(Counting, unittest.TestCase):
    def setUp(self):
        self.counts = MemoryCounts()

    def test_is_exact_among_threads(self):
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(lambda _: self.counts.incr('a', 60), range(2000)))
        self.assertEqual(list(range(1, 2001)), sorted(numbers))

    def test_takes_no_more_room_however_many_buckets_there_are(self):
        with mock.patch.object(memory, 'MOST', 10):
            for number in range(100):
                self.counts.incr(str(number), 60)
        self.assertEqual(10, len(self.counts.buckets))
        self.assertEqual(2, self.counts.incr('99', 60))

    def test_is_where_a_database_in_memory_counts(self):
        for address in ('sqlite://', 'memory://'):
            self.assertIsNone(SteadyCounts(address, logging.getLogger(), SECONDS).behind)


@needs_redis
@once_only
class InRedis(Counting, ExactCase, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = RedisServer()
        cls.address = f'redis://127.0.0.1:{cls.server.port}/0'

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.counts = SteadyCounts(self.address, logging.getLogger(), SECONDS)
        self.addCleanup(self.counts.behind.storage.close)
        self.counts.reset()

    def test_is_exact(self):
        self.assert_exact(self.address)
