"""A real SMTP server that keeps what it gets."""
import asyncio
import email
import email.policy
import socket
import ssl
import subprocess
import tempfile
import threading
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from app import postbox


class Mailbox:
    """An SMTP server on a port of its own; `answer` is what it says to each letter."""

    def __init__(self, answer: str = '250 OK', port: int = 0, tls: bool = False):
        self.answer = answer
        self.letters: list[EmailMessage] = []
        self.connections = 0
        self.no_mailboxes: dict[str, str] = {}  # address: what is said to a letter for it
        self.held, self.may_answer = False, threading.Event()
        self.may_answer.set()
        self.port = port or _free_port()
        self.controller = Controller(self, hostname='127.0.0.1', port=self.port,
                                     tls_context=_unknown() if tls else None)
        self.controller.start()
        postbox._away_until = float('-inf')  # another one may have been away

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 aiosmtpd's name
        self.held = True
        await asyncio.get_running_loop().run_in_executor(None, self.may_answer.wait, 30)
        if self.answer.startswith('2'):
            letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return self.answer

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        if address in self.no_mailboxes:
            return self.no_mailboxes[address]
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        self.connections += 1
        return responses

    def hold(self) -> None:
        """Take the next letters, and do not answer until told to go on."""
        self.held, self.may_answer = False, threading.Event()

    def is_held(self) -> bool:
        """True when a letter has come that waits for its answer."""
        return self.held

    def go_on(self) -> None:
        """Answer."""
        self.may_answer.set()

    def stop(self) -> None:
        """Answer no more."""
        postbox.hang_up(0)
        self.controller.stop(no_assert=True)

    def text(self, number: int = -1) -> str:
        """The plain text of a letter."""
        return self._part(number, 'plain')

    def html(self, number: int = -1) -> str:
        """The HTML of a letter."""
        return self._part(number, 'html')

    def _part(self, number: int, kind: str) -> str:
        body = self.letters[number].get_body(preferencelist=(kind,))
        assert body is not None
        return body.get_content()


def _unknown() -> ssl.SSLContext:
    """What a server needs for TLS, with a certificate that it made itself."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj',
                        '/CN=127.0.0.1', '-keyout', f'{folder}/key', '-out', f'{folder}/certificate'],
                       check=True, capture_output=True)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(f'{folder}/certificate', f'{folder}/key')
        return context


def _free_port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]
