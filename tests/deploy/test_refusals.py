"""What gunicorn answers by itself, before the application sees a request, is as well protected as any page."""
import socket
import unittest

from app.guard import security_headers
from tests.parts import once_only
from tests.scratch import Scratch

HOST = b'Host: blog.example.org\r\n'
POST = b'POST /auth/login HTTP/1.1\r\n' + HOST
SENT = {  # what is no request, or one too many, and the status that it gets
    'another protocol': (b'\x16\x03\x01 hello\r\n\r\n', 400),
    'markup': (b'GET /<script>alert(1)</script> FOO/1\r\n\r\n', 400),
    'a long address': (b'GET /' + b'a' * 9000 + b' HTTP/1.1\r\n' + HOST + b'\r\n', 414),
    'a long header': (b'GET / HTTP/1.1\r\n' + HOST + b'X: ' + b'x' * 70_000, 431),
    'many headers': (b'GET / HTTP/1.1\r\n' + b''.join(b'X%d: a\r\n' % n for n in range(300)) + b'\r\n', 431),
    'two lengths': (POST + b'Content-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400),
    'a length and chunks': (POST + b'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400),
    'an unknown coding': (POST + b'Transfer-Encoding: rot13\r\n\r\n', 400),
    'a broken chunk': (POST + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n', 400),
    'endless chunks': (POST + b'Transfer-Encoding: chunked\r\n\r\n' + (b'4000\r\n' + b'x' * 16384 + b'\r\n') * 90,
                       413),
    'a header that is none': (b'GET / HTTP/1.1\r\n' + HOST + b'X y: a\r\n\r\n', 400),
    'a wish that nobody grants': (POST + b'Expect: a miracle\r\nContent-Length: 1\r\n\r\na', 417),
}


@once_only
class RefusalsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch()
        cls.addClassCleanup(cls.scratch.remove)
        cls.scratch.borrow_venv()
        _, cls.port = cls.scratch.serve(SITE_URL='https://blog.example.org', TRUSTED_HOSTS='127.0.0.1')

    def sent(self, data: bytes) -> tuple[int, dict[str, str], str]:
        """Send this; status, headers and body of the one answer."""
        with socket.create_connection(('127.0.0.1', self.port), timeout=60) as client:
            client.sendall(data)
            answer = b''.join(iter(lambda: client.recv(65536), b'')).decode('latin-1')
        head, _, body = answer.partition('\r\n\r\n')
        first, *lines = head.split('\r\n')
        return int(first.split()[1]), dict(line.split(': ', 1) for line in lines), body

    def test_each_has_its_status_and_every_header_of_security(self):
        for name, (data, wanted) in SENT.items():
            with self.subTest(name):
                status, headers, body = self.sent(data)
                self.assertEqual(wanted, status)
                self.assertLessEqual(security_headers(https=True).items(), headers.items())
                self.assertEqual('no-store', headers['Cache-Control'])
                self.assertTrue(headers['Content-Type'].startswith('text/plain'))
                self.assertNotIn('script', body)

    def test_no_answer_tells_the_version_of_the_server(self):
        for data in (b'GET /explore HTTP/1.1\r\n' + HOST + b'Connection: close\r\n\r\n', SENT['another protocol'][0]):
            self.assertNotRegex(self.sent(data)[1].get('Server', ''), r'\d')

    def test_a_body_that_is_announced_as_too_large_is_refused_before_it_comes(self):
        for path in (b'/auth/login', b'/explore', b'/nowhere'):
            head = b'POST ' + path + b' HTTP/1.1\r\n' + HOST + b'Content-Length: 1048577\r\n\r\nfew'
            status, headers, _ = self.sent(head)
            self.assertEqual(413, status)
            self.assertLessEqual(security_headers(https=True).items(), headers.items())

    def test_a_host_in_the_target_counts_like_the_header(self):
        for target, wanted in ((b'http://blog.example.org/explore', 200), (b'http://evil.example/explore', 400),
                               (b'https://blog.example.org@evil.example/', 400), (b'//evil.example/explore', 404)):
            data = b'GET ' + target + b' HTTP/1.1\r\n' + HOST + b'Connection: close\r\n\r\n'
            self.assertEqual(wanted, self.sent(data)[0], target)

    def test_without_a_host_nothing_is_served(self):
        for data in (b'GET /explore HTTP/1.0\r\n\r\n', b'GET /explore HTTP/1.1\r\nConnection: close\r\n\r\n',
                     b'GET /explore HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'):
            status, _headers, body = self.sent(data)
            self.assertEqual(400, status, data)
            self.assertIn('SITE_URL', body)
