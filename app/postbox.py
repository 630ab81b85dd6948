"""The way to the mail server: with time-outs, its certificate checked, and kept open for the letters that follow."""
import contextlib
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask_mail import Connection, Mail

from app import metrics

SECONDS = 10  # for each answer of the mail server
IDLE_SECONDS = 2
MOST_LETTERS = 50  # on one connection; servers have had enough at some time
AWAY_SECONDS = 10  # in which nobody tries again what just failed: others than letters have to be done, too


class MailAway(OSError):
    """The mail server does not take anything now; a later try may help."""


class Line(Connection):
    """Flask-Mail's connection, to be used by one thread at a time."""

    used_at = 0.0
    leads_to: tuple = ()

    def configure_host(self) -> smtplib.SMTP:
        """Connect; MailAway when that fails, and for a while after it has."""
        global _away_until
        if time.monotonic() < _away_until:
            raise MailAway('the mail server did not answer a moment ago')
        try:
            return self._connect()
        except OSError as error:  # also all that smtplib and ssl raise, whose words may name our account
            _away_until = time.monotonic() + AWAY_SECONDS
            metrics.count('letters', 'away')
            raise MailAway(f'no connection to the mail server ({_reason(error)})') from error

    def _connect(self) -> smtplib.SMTP:
        self.leads_to = self.mail.server, self.mail.port
        host = smtplib.SMTP(*self.leads_to, timeout=SECONDS)
        try:
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except OSError:
            host.close()
            raise
        return host

    def is_good_for(self, mail: Mail) -> bool:
        """True when it leads to this server, which still answers and does not find that it had enough."""
        if self.host is None or self.leads_to != (mail.server, mail.port):
            return False
        try:
            return self.num_emails < MOST_LETTERS and self.host.noop()[0] == 250
        except OSError:
            return False

    def close(self) -> None:
        """Hang up."""
        if self.host is not None:
            with contextlib.suppress(OSError):
                self.host.quit()
            self.host.close()


def _reason(error: OSError) -> str:
    """What happened, in the terms of the protocol and not in the server's words."""
    return ' '.join(filter(None, (type(error).__name__, str(getattr(error, 'smtp_code', '')))))


_kept: list[Line] = []
_away_until = float('-inf')


@contextmanager
def line(mail: Mail) -> Iterator[Line]:
    """A connection for a letter, kept after it for the next one; MailAway when there is none."""
    this = _kept_one(mail) or Line(mail).__enter__()
    is_good = False
    try:
        yield this
        is_good = this.host is not None
    finally:
        this.used_at = time.monotonic()
        _kept.append(this) if is_good else this.close()


def hang_up(idle: float | None = None) -> None:
    """Close the connections on which nothing was sent for so many seconds."""
    limit = time.monotonic() - (IDLE_SECONDS if idle is None else idle)
    for _one in range(len(_kept)):
        with contextlib.suppress(IndexError):  # another thread was faster
            this = _kept.pop(0)
            this.close() if this.used_at <= limit else _kept.append(this)


def _kept_one(mail: Mail) -> Line | None:
    while _kept:
        with contextlib.suppress(IndexError):
            this = _kept.pop()
            if this.is_good_for(mail):
                return this
            this.close()
    return None
