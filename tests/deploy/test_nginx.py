"""The site behind nginx: TLS, who is asking, files for a year, and clients that send half a request."""
import contextlib
import re
import socket
import subprocess
import time
import unittest

from tests.base import PASSWORD
from tests.deploy.front import Front, Guest, needs_nginx
from tests.parts import once_only
from tests.scratch import Scratch, free_port

MANY = 200
PROMPT = 4.0  # seconds; who is held up waits for 10
HEAD = b'GET /explore HTTP/1.1\r\nHost: localhost\r\nX-Half: '
BODY = (b'POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n'
        b'Content-Length: 100\r\n\r\nusername=su')


class FrontCase(unittest.TestCase):
    """The site, nginx in front of it, and an account."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch()
        cls.addClassCleanup(cls.scratch.remove)
        cls.scratch.borrow_venv()
        port = free_port()
        _, back = cls.scratch.serve(SITE_URL=f'https://localhost:{port}', TRUSTED_PROXIES='1')
        cls.front = Front(cls.scratch, back, port)
        cls.addClassCleanup(cls.front.stop)
        first = Guest(cls.front)
        first.submit('/auth/register', username='susan', email='susan@example.com', password=PASSWORD,
                     password2=PASSWORD)
        first.connection.close()

    def guest(self, address: str = '127.0.0.1') -> Guest:
        guest = Guest(self.front, address)
        self.addCleanup(guest.connection.close)
        return guest

    def assert_prompt(self, data: bytes) -> None:
        """While many clients have sent this, a page is there within a second."""
        clients = [self.front.hold(data) for _ in range(MANY)]
        try:
            time.sleep(0.3)
            begin = time.monotonic()
            self.assertEqual(200, self.guest().ask('GET', '/explore')[0].status)
            self.assertLess(time.monotonic() - begin, PROMPT)
        finally:
            for client in clients:
                client.close()


@needs_nginx
@once_only
class NginxTest(FrontCase):

    def test_half_heads_hold_up_nobody(self):
        self.assert_prompt(HEAD)

    def test_half_bodies_hold_up_nobody(self):
        self.assert_prompt(BODY)

    def test_a_half_request_is_dropped(self):
        begin = time.monotonic()
        client = self.front.hold(HEAD)
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(b'', client.recv(100))
        self.assertLess(time.monotonic() - begin, 30)
        client.close()

    def test_speaks_http_2_and_present_tls(self):
        self.front.context.set_alpn_protocols(['h2', 'http/1.1'])
        self.addCleanup(self.front.context.set_alpn_protocols, ['http/1.1'])
        with socket.create_connection(('127.0.0.1', self.front.port)) as raw, \
                self.front.context.wrap_socket(raw, server_hostname='localhost') as client:
            self.assertEqual('h2', client.selected_alpn_protocol())
            self.assertIn(client.version(), ('TLSv1.2', 'TLSv1.3'))

    def test_without_tls_people_are_sent_to_it(self):
        connection = self.front.plain()
        connection.request('GET', '/user/susan?x=1', headers={'Host': 'localhost'})
        answer = connection.getresponse()
        self.assertEqual((308, 'https://localhost/user/susan?x=1'), (answer.status, answer.headers['Location']))
        connection.close()

    def test_cookies_and_headers_are_those_of_a_site_under_tls(self):
        guest = self.guest()
        answer, _ = guest.submit('/auth/login', username='susan', password=PASSWORD)
        self.assertEqual((302, '/'), (answer.status, answer.headers['Location']))
        session, = [line for line in guest.set_cookies[-1:] if line.startswith('__Host-session=')]
        for word in ('Secure', 'HttpOnly', 'Path=/', 'SameSite=Lax'):
            self.assertIn(word, session)
        answer, _ = guest.ask('GET', '/')
        self.assertEqual((200, 'max-age=31536000; includeSubDomains', 'no-store'), (
            answer.status, answer.headers['Strict-Transport-Security'], answer.headers['Cache-Control']))
        self.assertEqual(1, len(answer.headers.get_all('Strict-Transport-Security')))

    def test_the_list_of_sessions_shows_the_real_address_whatever_the_client_says(self):
        guest = self.guest('127.0.0.7')
        lies = {'X-Forwarded-For': '6.6.6.6', 'Forwarded': 'for=6.6.6.6', 'X-Real-IP': '6.6.6.6',
                'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'http'}
        real = guest.ask
        guest.ask = lambda method, path, body=None: real(method, path, body, **lies)
        guest.submit('/auth/login', username='susan', password=PASSWORD)
        answer, page = guest.ask('GET', '/settings/sessions')
        self.assertEqual(200, answer.status)
        self.assertIn('<bdi>127.0.0.7</bdi>', page)
        self.assertNotIn('6.6.6.6', page)

    def test_files_have_the_headers_of_the_application_and_are_kept_for_a_year(self):
        guest = self.guest()
        page = guest.ask('GET', '/explore')[1]
        paths = re.findall(r'(?:href|src)="(/static/[^"]+\?v=[0-9a-f]+)"', page)
        self.assertGreater(len(paths), 1)
        by_application = guest.ask('GET', '/about')[0].headers
        for path in [*paths, '/static/icon.svg']:
            answer, _ = guest.ask('GET', path)
            self.assertEqual(200, answer.status, path)
            self.assertIsNone(answer.headers['X-Request-ID'], 'the application was asked')
            self.assertIn('immutable' if '?v=' in path else 'max-age=3600', answer.headers['Cache-Control'])
            for name, value in by_application.items():
                if name.startswith(('Content-Sec', 'X-C', 'X-F', 'Referrer', 'Cross', 'Perm', 'Strict')):
                    self.assertEqual([value], answer.headers.get_all(name), path)
            self.assertRegex(answer.headers['Content-Type'], 'css|javascript|svg|png|manifest')
        self.assertEqual(404, guest.ask('GET', '/static/nothing.css')[0].status)

    def test_pages_and_files_are_compressed(self):
        connection = self.front.connect()
        for path in ('/explore', '/static/microblog.css'):
            connection.request('GET', path, headers={'Accept-Encoding': 'gzip'})
            answer = connection.getresponse()
            self.assertEqual('gzip', answer.headers['Content-Encoding'], path)
            self.assertEqual(b'\x1f\x8b', answer.read()[:2])
        connection.close()

    def test_a_body_that_is_too_large_is_refused_before_it_is_sent(self):
        client = self.front.hold(BODY.replace(b'Length: 100', b'Length: 99999999'))
        self.assertIn(b' 413 ', client.recv(100))
        client.close()

    def test_neither_a_search_nor_the_secret_of_a_link_is_in_a_log(self):
        self.guest().ask('GET', '/search?q=confidential')
        self.guest().ask('GET', '/auth/reset_password/eyJsecret.eyJsecret.secret')
        answer, _ = self.guest().ask('GET', '/explore')
        time.sleep(0.2)
        log = (self.front.folder / 'access.log').read_text()
        self.assertIn('"GET /auth/reset_password/..." ', log)
        self.assertIn('"GET /explore" 200 ', log)
        self.assertIn(answer.headers['X-Request-ID'], log)
        self.assertNotRegex(log + self.front.errors(), 'confidential|secret')


@needs_nginx
@once_only
class RestingTest(unittest.TestCase):
    """Nothing listens behind nginx."""

    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.remove)
        self.front = Front(self.scratch, free_port(), free_port())
        self.addCleanup(self.front.stop)

    def test_says_503_and_when_to_come_back(self):
        guest = Guest(self.front)
        self.addCleanup(guest.connection.close)
        answer, text = guest.ask('GET', '/auth/reset_password/eyJsecret')
        self.assertEqual((503, '5'), (answer.status, answer.headers['Retry-After']))
        self.assertIn('being restarted', text)
        self.assertNotIn('secret', self.front.errors())
        self.assertEqual(503, guest.ask('GET', '/')[0].status)

    def test_debian_accepts_the_file_without_a_warning(self):
        said = subprocess.run([*self.front.process.args, '-t'], capture_output=True, text=True)
        self.assertEqual((0, False), (said.returncode, 'warn' in said.stderr), said.stderr)
