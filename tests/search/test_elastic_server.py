"""The way to Elasticsearch: who asks, with which name, and what comes of servers that are not the right one."""
import json
import subprocess
import sys
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.search import SearchDown, elastic
from app.search.elastic.server import connect
from tests.base import AppTestCase, TestConfig
from tests.parts import once_only
from tests.scratch import ROOT

SECRET = 'secret1'


class Impostor(BaseHTTPRequestHandler):
    """Answers what it is told to: servers of other versions and makers are not at hand."""

    status, answer, product = 200, {'hits': {'hits': []}}, 'Elasticsearch'
    seen: list = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        self.seen.append((self.path, self.headers))
        self.send_response(self.status)
        if self.product:
            self.send_header('X-Elastic-Product', self.product)
        body = json.dumps(self.answer).encode()
        self.send_header('Content-Type', 'application/vnd.elasticsearch+json;compatible-with=8')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Say nothing."""


class ImpostorCase(AppTestCase):
    def setUp(self):
        super().setUp()
        self.handler = type('Handler', (Impostor,), {'seen': []})
        self.server = ThreadingHTTPServer(('127.0.0.1', 0), self.handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def address(self, account: str = '', path: str = '') -> str:
        return f'http://{account}127.0.0.1:{self.server.server_port}{path}'


@once_only
class Asking(ImpostorCase):
    def headers(self, account: str = '', path: str = ''):
        """What a server gets with a search."""
        connect(self.address(account, path)).search(index='x')
        return self.handler.seen[-1]

    def test_speaks_as_servers_of_the_eighth_and_the_ninth_release_understand(self):
        _path, headers = self.headers()
        self.assertEqual('application/vnd.elasticsearch+json; compatible-with=8', headers['Accept'])

    def test_brings_the_name_and_the_password_of_the_address(self):
        path, headers = self.headers(f'elastic:p%40%2F{SECRET}@', '/es')
        self.assertEqual(f'Basic {b64encode(f"elastic:p@/{SECRET}".encode()).decode()}', headers['Authorization'])
        self.assertEqual('/es/x/_search', path)

    def test_or_a_key(self):
        _path, headers = self.headers('apikey:a2V5%3D%3D@')
        self.assertEqual('ApiKey a2V5==', headers['Authorization'])

    def test_knows_the_usual_ports(self):
        for address, port in (('http://h', 9200), ('https://h', 443), ('http://[::1]', 9200),
                              ('https://u:p@h:9243', 9243)):
            node, = connect(address).transport.node_pool.all()
            self.assertEqual(port, node.port, address)

    def test_several_addresses_are_one_server(self):
        self.assertEqual(2, len(connect('http://a:9200 , http://b').transport.node_pool.all()))


@once_only
class Refused(ImpostorCase):
    def test_other_servers_versions_and_passwords_are_down_and_the_log_says_why_but_no_secret(self):
        for status, answer, product, why in (
                (200, {'tagline': 'You Know'}, '', 'not Elasticsearch'),
                (406, {'error': {'type': 'media_type_header_exception'}, 'status': 406}, 'Elasticsearch', '406'),
                (401, {'error': {'type': 'security_exception'}, 'status': 401}, 'Elasticsearch', '401'),
                (503, {'error': {'type': 'search_phase_execution_exception'}, 'status': 503}, 'Elasticsearch', '503')):
            with self.subTest(status=status, product=product):
                self.handler.status, self.handler.answer, self.handler.product = status, answer, product
                self.assert_down(why)

    def assert_down(self, why: str) -> None:
        with self.app.app_context():
            self.app.config['ELASTICSEARCH_URL'] = self.address(f'me{len(self.handler.seen)}:{SECRET}@')
            with self.assertLogs(self.app.logger, 'WARNING') as log, self.assertRaises(SearchDown) as caught:
                elastic.countable(elastic.asking.Query())
        said = f'{log.output} {caught.exception}'
        self.assertIn(why, said)
        self.assertNotIn(SECRET, said)


@once_only
class Loading(AppTestCase):
    def test_the_client_is_loaded_only_when_a_site_with_it_is_asked(self):
        code = 'import sys, microblog; print("elasticsearch" in sys.modules)'
        for url in ('', 'http://127.0.0.1:9'):
            settings = {'PATH': '/usr/bin', 'SECRET_KEY': TestConfig.SECRET_KEY, 'ELASTICSEARCH_URL': url,
                        'LOG_TO_STDOUT': 'on'}
            done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, timeout=60,
                                  env=settings)
            self.assertEqual('False', done.stdout.strip(), done.stderr)
