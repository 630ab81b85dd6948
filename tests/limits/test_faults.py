"""The storage of limits is away: forms go on at once, are counted in memory, and then in the storage again."""
import logging
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest import mock

import sqlalchemy as sa

from app import db, limits
from app.counts import steady
from app.counts.steady import SteadyCounts
from app.models import RateLimit
from tests.limits.base import LimitCase, SmallLimits
from tests.limits.redis_server import RedisServer, needs_redis
from tests.parts import once_only
from tests.proxy import FaultProxy
from tests.world import KIND

LOCKS = {'sqlite': 'BEGIN IMMEDIATE', 'postgresql': 'LOCK TABLE rate_limit', 'mysql': 'LOCK TABLES rate_limit WRITE'}
LATE = 0 if KIND == 'sqlite' else 1  # a server counts what it was asked, though nobody waits for it any more
PATIENCE = 15  # seconds; what hangs here hangs for ever, and a busy machine is slow


class LockCase(LimitCase):
    @contextmanager
    def locked(self):
        """Somebody holds a lock that counting needs."""
        engine = sa.create_engine(self.app.config['SQLALCHEMY_DATABASE_URI'], poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(LOCKS[KIND])
            yield
            if KIND == 'mysql':
                connection.exec_driver_sql('UNLOCK TABLES')
            connection.rollback()

    def send(self) -> int:
        return self.at('198.51.100.1').post('/language', {}).status_code

    def hits(self) -> int | None:
        with self.app.app_context():
            return db.session.scalar(sa.select(RateLimit.hits))


class Locked(LockCase):
    class config(SmallLimits):
        LIMIT_WRITE = '3 per 5 minute'
        RATELIMIT_STORAGE_SECONDS = limits.SECONDS

    def test_forms_are_answered_at_once_and_limited_and_the_log_says_so_once(self):
        self.send()
        with self.locked(), self.assertLogs(self.app.logger, 'WARNING') as log, \
                mock.patch.object(steady, 'AGAIN_SECONDS', 60):
            began = time.monotonic()
            said = [self.send() for _ in range(5)]
            self.assertLess(time.monotonic() - began, PATIENCE)
        self.assertEqual([302, 302, 302, 429, 429], said)
        self.assertEqual(1, len(log.output))
        self.assertIn('Limits are counted in memory', log.output[0])
        self.assertLessEqual(self.hits(), 1 + LATE)

    def test_counting_goes_on_in_the_database_by_itself(self):
        with mock.patch.object(steady, 'AGAIN_SECONDS', 0), self.assertLogs(self.app.logger, 'INFO') as log:
            with self.locked():
                self.send()
            self.assertTrue(self.counts.is_away)
            self.send()
            self.send()
        self.assertFalse(self.counts.is_away)
        self.assertIn(self.hits(), range(2, 3 + LATE))
        self.assertIn('Limits are counted in their storage again.', log.output[-1])

    def test_pages_are_read_meanwhile(self):
        with self.locked():
            self.assertEqual(200, self.at('198.51.100.1').get('/explore').status_code)

    def test_a_storage_that_comes_and_goes_does_not_fill_the_log(self):
        with mock.patch.object(steady, 'AGAIN_SECONDS', 0), self.assertLogs(self.app.logger, 'INFO') as log:
            for _ in range(3):
                with self.locked():
                    self.send()
                self.send()
        self.assertEqual(['WARNING', 'INFO'], [record.levelname for record in log.records])


class Late(LockCase):
    def test_in_all_other_tests_a_form_waits_for_longer_so_that_a_busy_disk_decides_none(self):
        with ThreadPoolExecutor() as pool:
            with self.locked():
                sent = pool.submit(self.send)
                time.sleep(2 * limits.SECONDS)
                self.assertFalse(sent.done())
            self.assertEqual(302, sent.result())
        self.assertEqual((1, {}), (self.hits(), self.counts.spare.buckets))


@needs_redis
@once_only
class RedisAway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = RedisServer()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.proxy = FaultProxy(self.server.port)
        self.addCleanup(self.proxy.stop)
        self.counts = SteadyCounts(f'redis://127.0.0.1:{self.proxy.port}', logging.getLogger('app'),
                                   limits.SECONDS)
        self.addCleanup(self.counts.behind.storage.close)
        self.counts.reset()
        self.counts.incr('a', 60)

    def test_in_every_way_is_noticed_soon_and_counted_in_memory(self):
        for mode in ('refuse', 'reset', 'hang', 'half', 'garbage'):
            self.proxy.mode = mode
            began = time.monotonic()
            with self.subTest(mode=mode), self.assertLogs('app', 'WARNING') as log, \
                    mock.patch.object(steady, 'AGAIN_SECONDS', 60):
                self.counts.quiet_until = 0
                self.assertEqual([1, 2, 3], [self.counts.incr(mode, 60) for _ in range(3)])
                self.assertLess(time.monotonic() - began, PATIENCE)
                self.assertEqual(1, len(log.output))
            self.proxy.mode = 'pass'
            self.counts.again_at = 0
            self.assertEqual((1, 2), (self.counts.incr(mode, 60), self.counts.incr(mode, 60)))

    def test_that_stands_still_is_noticed_too(self):
        self.proxy.moving.clear()
        began = time.monotonic()
        with self.assertLogs('app', 'WARNING'):
            self.assertEqual([1, 2], [self.counts.incr('b', 60) for _ in range(2)])
        self.assertLess(time.monotonic() - began, PATIENCE)

    def test_is_asked_for_by_one_request_every_now_and_then(self):
        self.proxy.mode = 'refuse'
        with self.assertLogs('app', 'WARNING'):
            self.counts.incr('b', 60)
        asked = []
        with mock.patch.object(self.counts.behind, 'incr', side_effect=lambda *_: asked.append(1)):
            for _ in range(5):
                self.counts.incr('b', 60)
            self.assertEqual([], asked)
            self.counts.again_at = 0
            self.counts._is_due()
            self.counts.incr('b', 60)
        self.assertEqual([], asked)
