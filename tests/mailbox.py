"""A real SMTP server that keeps what it gets."""
import email
import email.policy
import socket
from email.message import EmailMessage

from aiosmtpd.controller import Controller


class Mailbox:
    """An SMTP server on a port of its own; `answer` is what it says to each letter."""

    def __init__(self, answer: str = '250 OK', port: int = 0):
        self.answer = answer
        self.letters: list[EmailMessage] = []
        self.port = port or _free_port()
        self.controller = Controller(self, hostname='127.0.0.1', port=self.port)
        self.controller.start()

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 aiosmtpd's name
        if self.answer.startswith('2'):
            letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return self.answer

    def stop(self) -> None:
        """Answer no more."""
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


def _free_port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]
