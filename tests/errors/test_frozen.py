"""A database server that stands still, or a net to it that is broken in any way: 503 in time, and then on."""
import time
from threading import Thread

from app import create_app, db, limits
from tests.base import Visitor, hidden_fields
from tests.proxy import MODES, FaultProxy
from tests.world import URL, LiveConfig, WorldCase, only_on

SECONDS = 5
READERS = 6


@only_on('postgresql', 'mysql')
class BrokenWay(WorldCase):
    """The site reaches its database through a proxy."""

    def setUp(self):
        super().setUp()
        self.proxy = FaultProxy(URL.port)
        self.addCleanup(self.proxy.stop)
        address = URL.set(port=self.proxy.port).render_as_string(hide_password=False)
        self.far = create_app(type('FarConfig', (LiveConfig,), {
            'SQLALCHEMY_DATABASE_URI': address, 'RATELIMIT_STORAGE_URI': address, 'RATELIMIT_ENABLED': True,
            'RATELIMIT_STORAGE_SECONDS': limits.SECONDS}))
        self.addCleanup(self.hang_up)
        self.person('susan')
        self.susan = Visitor(self.far, {})
        self.susan.submit('/auth/login', username='susan', password='seven green bottles')
        self.visitor_far = Visitor(self.far, {})
        token = hidden_fields(self.visitor_far.get('/auth/login').text)
        self.login = {**token, 'username': 'susan', 'password': 'mistaken'}
        self.fields = {**hidden_fields(self.susan.get('/').text), 'post': 'written in need'}

    def hang_up(self) -> None:
        with self.far.app_context():
            db.engine.dispose()
            limits._counting()[0].behind.engine.dispose()

    def asked(self, ask, *arguments) -> tuple[int, bool]:
        """What comes, and whether it came in time."""
        began = time.monotonic()
        answer = ask(*arguments)
        return answer.status_code, time.monotonic() - began < SECONDS

    def test_a_server_that_stands_still_is_answered_with_503_in_time(self):
        with self.assertLogs(self.far.logger, 'ERROR'):
            self.proxy.moving.clear()
            answers: list = []
            readers = [Thread(target=lambda: answers.append(self.asked(Visitor(self.far, {}).get, '/explore')))
                       for _ in range(READERS)]
            for reader in readers:
                reader.start()
            self.assertEqual((503, True), self.asked(self.susan.post, '/', self.fields))
            self.assertEqual((503, True), self.asked(self.visitor_far.post, '/auth/login', self.login))
            for reader in readers:
                reader.join()
            self.assertEqual([(503, True)] * READERS, answers)
        self.proxy.moving.set()
        self.assertEqual(302, self.susan.post('/', self.fields).status_code)
        self.assertEqual(['written in need'], self.bodies())

    def test_a_broken_net_is_answered_with_503_in_time(self):
        for mode in MODES[1:]:
            with self.subTest(mode=mode), self.assertLogs(self.far.logger, 'ERROR'):
                self.proxy.mode = mode
                self.assertEqual((503, True), self.asked(self.susan.get, '/explore'))
                self.assertEqual((503, True), self.asked(self.susan.post, '/', self.fields))
                self.proxy.mode = 'pass'
                self.assertEqual(200, self.susan.get('/').status_code)
        self.assertEqual([], self.bodies())
