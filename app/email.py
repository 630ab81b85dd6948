"""Letters: written from templates in the reader's language, sent in the background, tried again for a day."""
import logging
import re
import smtplib
import zlib
from collections.abc import Callable, Iterable
from email.policy import compat32
from email.utils import parseaddr
from functools import partial

import sqlalchemy as sa
from flask import Flask, current_app, render_template
from flask_babel import force_locale
from flask_mail import Message

from app import metrics, postbox, words
from app.extensions import db
from app.models import RefusedAddress, User, add_once, email_key, rows_changed
from app.tasks import GiveUp, between, enqueue, job, mark, request_id

TOO_LARGE = 552
NO_MAILBOX = (550, 551, 553)
LONGEST_LINE = 998  # characters (RFC 5322, 2.1.1)
SENT_KNOWN = 1000

_sent: dict[str, None] = {}
between.append(postbox.hang_up)


def is_configured() -> bool:
    """True when the site can send mail."""
    return bool(current_app.config['MAIL_SERVER'])


def send_email(subject, sender, recipients, text_body, html_body) -> None:
    """Send a letter in the background: after the commit of the open transaction, at once when there is none."""
    alone = not db.session().in_transaction()
    enqueue(deliver, subject=str(subject), sender=sender, recipients=list(recipients), text_body=text_body,
            html_body=html_body)
    if alone:
        db.session.commit()


@job
def deliver(subject: str, sender: str | None, recipients: list[str | tuple[str, str]], text_body: str,
            html_body: str | None, headers: dict[str, str] | None = None) -> None:
    """Hand a letter to the mail server; GiveUp when it refuses the letter for good (a 5xx answer, RFC 5321, 4.2.1).

    What a job writes, it writes afterwards: no transaction is open while the mail server thinks.
    """
    letter = Letter(str(subject), sender=sender, recipients=recipients, body=text_body, html=html_body,
                    extra_headers={**(headers or {}), **({'X-Request-ID': request_id()} if request_id() else {})})
    if mark():  # a letter that is sent again is the same one: most mailboxes show it once
        host = parseaddr(str(letter.sender))[1].partition('@')[2]
        letter.msgId = f'<{mark()}.{zlib.crc32(repr(recipients).encode())}@{host}>'
        if letter.msgId in _sent:
            return
    db.session.rollback()
    try:
        with postbox.line(current_app.extensions['mail']) as line:
            line.send(letter)
        _note_sent(letter)
    except smtplib.SMTPRecipientsRefused as error:
        dead = [address for address, (code, said) in error.recipients.items() if is_no_mailbox(code, said)]
        raise refusal(min(code for code, _said in error.recipients.values()), partial(remember, dead)) from None
    except smtplib.SMTPSenderRefused as error:
        if error.smtp_code == TOO_LARGE:
            raise refusal(TOO_LARGE) from None
        raise not_now(error.smtp_code) from None  # whoever runs the site can put that right within a day
    except smtplib.SMTPResponseException as error:
        raise refusal(error.smtp_code) from None
    except (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError) as error:
        raise postbox.MailAway(f'the mail server broke off ({type(error).__name__})') from error


def _note_sent(letter: Message) -> None:
    """Remember in this process what was sent: its task runs again when the database cannot note that it is done."""
    metrics.count('letters', 'sent')
    if mark():
        _sent[letter.msgId] = None
    while len(_sent) > SENT_KNOWN:
        _sent.pop(next(iter(_sent)), None)


def refusal(code: int, after: Callable[[], None] = lambda: None) -> Exception:
    """What to raise for an answer of the mail server. Its words, which often name the reader, are in no log."""
    if 500 <= code < 600:
        metrics.count('letters', 'refused')
        return GiveUp(f'the mail server refuses the letter ({code})', after)
    return not_now(code)


def not_now(code: int) -> postbox.MailAway:
    """What to raise when a later try may help."""
    return postbox.MailAway(f'the mail server does not take the letter now ({code})')


def is_away(error: str) -> bool:
    """True for what a task says that could not be done because the mail server did not take its letter."""
    return error.startswith(postbox.MailAway.__name__)


def is_no_mailbox(code: int, said: bytes) -> bool:
    """True when an answer means that nobody has this address, or never will again (RFC 5321, 4.2.3; RFC 3463, 3.2).

    A server that says more says whether it is the address (5.1.x) or the mailbox (5.2.1), or rather that it does not
    like the letter or who sends it.
    """
    more = re.match(rb'5\.\d+\.\d+', said)
    return code in NO_MAILBOX and (more is None or more[0].startswith(b'5.1.') or more[0] == b'5.2.1')


def remember(addresses: Iterable[str]) -> None:
    """Note that these addresses refuse what is sent to them."""
    for address in addresses:
        add_once(RefusedAddress(email_key=email_key(address)))


def forget_refusal(address: str) -> None:
    """The mailbox is there: somebody has just opened a link that was sent to it."""
    rows_changed(sa.delete(RefusedAddress).where(RefusedAddress.is_of(address)))


def is_refused(address: str) -> bool:
    """True when letters to this address came back."""
    return db.session.scalar(sa.select(RefusedAddress.email_key).where(RefusedAddress.is_of(address))) is not None


def tell(user: User, template: str, to: str | None = None, headers: dict[str, str] | None = None, **context) -> None:
    """Write a letter that nobody asked for; not to an address whose mailbox was refused, until it is known to work."""
    if not is_refused(to or user.email):
        write(user, template, to, headers, **context)


def write(user: User, template: str, to: str | None = None, headers: dict[str, str] | None = None, **context) -> None:
    """Write one of the letters in `templates/email/` to a person, in their language, and deliver it now."""
    subject, text, html = draft(user, template, **context)
    deliver(subject.strip(), current_app.config['MAIL_DEFAULT_SENDER'], [to or user.email], text, html, headers)


def draft(user: User, template: str, **context) -> list[str]:
    """Subject, text and HTML of a letter to a person, in their language."""
    words.read_when_stale()  # what runs tasks has no pages after which it would
    with force_locale(user.language or current_app.config['LANGUAGES'][0]):
        return [render_template(f'email/{template}{ending}', user=user, **context)
                for ending in ('.subject.txt', '.txt', '.html')]


class Letter(Message):
    """Flask-Mail's message with long headers left whole: a link that is folded would be encoded, and be none.

    Headers are encoded when they are set; the policy that reads them again takes a third of a letter's time.
    """

    def _message(self):
        letter = super()._message()
        letter.policy = compat32.clone(linesep='\r\n', max_line_length=LONGEST_LINE)
        return letter


class ErrorMails(logging.Handler):
    """Mails a record of the log to the admins, over the same connection as every letter."""

    def __init__(self, app: Flask):
        super().__init__()
        self.app = app

    def emit(self, record: logging.LogRecord) -> None:
        try:
            with self.app.app_context():
                deliver(f'{words.current().name} failure', self.app.config['MAIL_DEFAULT_SENDER'],
                        self.app.config['ADMINS'], self.format(record), None)
        except (OSError, ValueError, GiveUp):  # OSError: also all that smtplib and ssl raise
            self.handleError(record)
