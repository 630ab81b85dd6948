"""Browsers without script, which press "try again" as people do."""
import http.client
import re
import time
import urllib.parse
from dataclasses import dataclass, field

from tests.base import PASSWORD, hidden_fields

PATIENCE = 60  # seconds that somebody goes on trying
PAUSE = 0.2
OLDER = re.compile(r'<a [^>]*rel="next"[^>]*>')
NEWER = re.compile(r'<a [^>]*rel="prev"[^>]*>')
BODY = re.compile(r'<div class="body[^>]*>(.*?)</div>', re.S)


@dataclass
class Answer:
    """What came, and after how many seconds; status 0 when the connection broke."""

    status: int
    text: str
    headers: http.client.HTTPMessage
    seconds: float


@dataclass
class Browser:
    """One person's browser; `seen` keeps every answer's status and time."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[int, float]] = field(default_factory=list)
    connection: http.client.HTTPConnection | None = None
    timeout: float = 60

    def ask(self, method: str, path: str, body: str | None = None) -> Answer:
        """Send one request; a connection that was kept and is dead is replaced once, if nothing was sent on it."""
        began = time.monotonic()
        try:
            answer = self._send(method, path, body)
            text = answer.read().decode(errors='replace')
            result = Answer(answer.status, text, answer.headers, time.monotonic() - began)
            self._keep_cookies(answer.headers)
        except (OSError, http.client.HTTPException):
            self.close()
            result = Answer(0, '', http.client.HTTPMessage(), time.monotonic() - began)
        self.seen.append((result.status, result.seconds))
        return result

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self.ask('GET', path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        return self.ask('POST', path, urllib.parse.urlencode(fields))

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of a page, once it comes."""
        return hidden_fields(self.until(200, self.get, path).text)

    def until(self, status: int, ask, *arguments) -> Answer:
        """Ask again, the same, until the answer has this status."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = ask(*arguments)
            if answer.status == status:
                return answer
            if answer.status not in (0, 429, 502, 503) or time.monotonic() > deadline:
                raise RuntimeError(f'{arguments[0]} answers {answer.status}: {answer.text[:300]}')
            time.sleep(PAUSE)

    def log_in(self, username: str) -> None:
        """Log in by the form."""
        fields = {**self.form('/auth/login'), 'username': username, 'password': PASSWORD}
        self.until(302, self.post, '/auth/login', fields)

    def publish(self, text: str) -> None:
        """Write a post, and send the same form again until it is acknowledged."""
        self.until(302, self.post, '/', {**self.form('/'), 'post': text})

    def walk(self, path: str, link: re.Pattern = OLDER) -> list[str]:
        """What all posts say from this page on, by the links to the next page."""
        said: list[str] = []
        while path:
            page = self.until(200, self.get, path).text
            bodies = [re.sub('<[^>]*>', '', body).strip() for body in BODY.findall(page)]
            said += bodies
            found = link.search(page)
            path = re.search(r'href="([^"]*)"', found[0])[1].replace('&amp;', '&') if found else ''
        return said

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _send(self, method: str, path: str, body: str | None) -> http.client.HTTPResponse:
        headers = {'Cookie': '; '.join(f'{name}={value}' for name, value in self.cookies.items())}
        if body is not None:
            headers['Content-Type'] = 'application/x-www-form-urlencoded'
        if self.connection is None:
            self.connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=self.timeout)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        if answer.headers.get('Connection') == 'close':
            self.connection = None
        return answer

    def _keep_cookies(self, headers: http.client.HTTPMessage) -> None:
        for line in headers.get_all('Set-Cookie') or []:
            name, _, value = line.partition(';')[0].partition('=')
            self.cookies[name] = value
