"""Letters: written from templates in the reader's language, sent in the background, tried again for a day."""
import logging
import smtplib
import ssl

from flask import Flask, current_app, render_template
from flask_babel import force_locale
from flask_mail import Connection, Message

from app.extensions import db
from app.models import User
from app.tasks import GiveUp, enqueue, job

SECONDS = 10  # for each answer of the mail server


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
            html_body: str | None) -> None:
    """Hand a letter to the mail server; GiveUp when it refuses the letter for good (a 5xx answer, RFC 5321, 4.2.1)."""
    letter = Message(str(subject), sender=sender, recipients=recipients, body=text_body, html=html_body)
    try:
        with PatientConnection(current_app.extensions['mail']) as connection:
            connection.send(letter)
    except smtplib.SMTPRecipientsRefused as error:
        raise refusal(min(code for code, _said in error.recipients.values())) from None
    except smtplib.SMTPAuthenticationError as error:
        raise smtplib.SMTPException(f'the mail server lets nobody in with our name ({error.smtp_code})') from None
    except smtplib.SMTPResponseException as error:
        raise refusal(error.smtp_code) from None


def refusal(code: int) -> Exception:
    """What to raise for an answer of the mail server. Its words, which often name the reader, are in no log."""
    if 500 <= code < 600:
        return GiveUp(f'the mail server refuses the letter ({code})')
    return smtplib.SMTPException(f'the mail server does not take the letter now ({code})')


def write(user: User, template: str, to: str | None = None, **context) -> None:
    """Write one of the letters in `templates/email/` to a person, in their language, and deliver it now."""
    subject, text, html = draft(user, template, **context)
    deliver(subject.strip(), current_app.config['MAIL_DEFAULT_SENDER'], [to or user.email], text, html)


def draft(user: User, template: str, **context) -> list[str]:
    """Subject, text and HTML of a letter to a person, in their language."""
    with force_locale(user.language or current_app.config['LANGUAGES'][0]):
        return [render_template(f'email/{template}{ending}', user=user, **context)
                for ending in ('.subject.txt', '.txt', '.html')]


class PatientConnection(Connection):
    """Flask-Mail's connection with time-outs and with the server's certificate checked."""

    def configure_host(self):
        host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=SECONDS)
        host.set_debuglevel(0)
        try:
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except OSError:
            host.close()
            raise
        return host


class ErrorMails(logging.Handler):
    """Mails a record of the log to the admins, over the same connection as every letter."""

    def __init__(self, app: Flask):
        super().__init__()
        self.app = app

    def emit(self, record: logging.LogRecord) -> None:
        try:
            with self.app.app_context():
                deliver('Microblog failure', self.app.config['MAIL_DEFAULT_SENDER'], self.app.config['ADMINS'],
                        self.format(record), None)
        except (OSError, ValueError, GiveUp):  # OSError: also all that smtplib and ssl raise
            self.handleError(record)
