"""nginx in front of the site, with the file of `deploy/`, a certificate made for it, and ports of its own."""
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.parse
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

from tests.base import hidden_fields
from tests.parts import needs
from tests.scratch import ROOT, Scratch, free_port

NGINX = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin')
MAIN = """pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
daemon off;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""

needs_nginx = needs('nginx', NGINX, 'install the Debian package nginx to try the site behind a web server.')


class Front:
    """A running nginx; `port` speaks TLS, `plain_port` sends people there."""

    def __init__(self, scratch: Scratch, back_port: int, port: int):
        self.folder, self.port, self.plain_port = scratch.folder / 'nginx', port, free_port()
        self.folder.mkdir()
        self.certificate = self.folder / 'certificate.pem'
        make_certificate(self.certificate, self.folder / 'key.pem')
        self.write_site(scratch.root, back_port)
        user = 'user root;' if Path('/proc/self').owner() == 'root' else ''
        (self.folder / 'nginx.conf').write_text(MAIN.format(folder=self.folder, user=user))
        self.process = subprocess.Popen([NGINX, '-p', self.folder, '-c', self.folder / 'nginx.conf'])
        self.context = ssl.create_default_context(cafile=self.certificate)
        self.wait()

    def write_site(self, root: Path, back_port: int) -> None:
        """The file of `deploy/` with the places that an operator changes changed."""
        text = (ROOT / 'deploy/nginx.conf').read_text()
        for old, new in (('127.0.0.1:5000', f'127.0.0.1:{back_port}'), ('blog.example.org;', 'localhost;'),
                         ('listen 443', f'listen 127.0.0.1:{self.port}'),
                         ('listen 80', f'listen 127.0.0.1:{self.plain_port}'),
                         ('/etc/letsencrypt/live/blog.example.org/fullchain.pem', str(self.certificate)),
                         ('/etc/letsencrypt/live/blog.example.org/privkey.pem', f'{self.folder}/key.pem'),
                         ('/var/log/nginx/microblog.log', f'{self.folder}/access.log'), ('/srv/microblog', str(root))):
            assert old in text, old
            text = text.replace(old, new)
        text = re.sub(r'\n *listen \[::\].*', '', text)
        (self.folder / 'site.conf').write_text(text)

    def wait(self) -> None:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(('127.0.0.1', self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f'nginx does not answer:\n{self.errors()}')

    def hold(self, data: bytes) -> ssl.SSLSocket:
        """A client that has sent this."""
        raw = socket.create_connection(('127.0.0.1', self.port), timeout=60)
        client = self.context.wrap_socket(raw, server_hostname='localhost')
        client.sendall(data)
        return client

    def connect(self, address: str = '127.0.0.1', timeout: float = 20) -> HTTPSConnection:
        """A connection from one of this machine's own addresses."""
        return HTTPSConnection('localhost', self.port, context=self.context, timeout=timeout,
                               source_address=(address, 0))

    def plain(self) -> HTTPConnection:
        """A connection without TLS."""
        return HTTPConnection('127.0.0.1', self.plain_port, timeout=60)

    def errors(self) -> str:
        return (self.folder / 'error.log').read_text()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=240)


class Guest:
    """A browser without script that speaks to nginx and keeps its cookies."""

    def __init__(self, front: Front, address: str = '127.0.0.1'):
        self.connection = front.connect(address)
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []

    def ask(self, method: str, path: str, body: str | None = None, **headers: str):
        """Send a request; the answer and its text."""
        cookie = '; '.join(f'{name}={value}' for name, value in self.cookies.items())
        kind = {'Content-Type': 'application/x-www-form-urlencoded'} if body is not None else {}
        self.connection.request(method, path, body, {'Cookie': cookie, **kind, **headers})
        answer = self.connection.getresponse()
        text = answer.read().decode(errors='replace')
        for line in answer.headers.get_all('Set-Cookie') or []:
            self.set_cookies.append(line)
            name, _, value = line.partition(';')[0].partition('=')
            self.cookies[name] = value
        return answer, text

    def submit(self, path: str, **fields: str):
        """Open the page of a form, fill it in and send it."""
        hidden = hidden_fields(self.ask('GET', path)[1])
        return self.ask('POST', path, urllib.parse.urlencode({**hidden, **fields}))


def make_certificate(certificate: Path, key: Path) -> None:
    """A certificate for localhost that is good for a day."""
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                    '-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                    '-keyout', key, '-out', certificate], check=True, capture_output=True)
