"""Where the application says what happened: a rotating file or standard output, and mails for errors."""
import json
import logging
import os
import re
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from queue import SimpleQueue

from flask import Flask, g, has_request_context, request
from flask.logging import default_handler

FORMAT = '%(asctime)s %(levelname)s %(request_id)s %(message)s [in %(pathname)s:%(lineno)d]'
QUIET_SECONDS = 60
MAILS_AN_HOUR = 3  # for one error
TOKEN = re.compile(r'eyJ[^/ ?\x1b]*')  # the secret of a signed link
QUERY = re.compile(r'\?[^ \x1b]*')
LINE_BREAKS = re.compile(r'[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]')  # or turn a line


def init_app(app: Flask) -> None:
    """Send the application's log where its settings say."""
    app.logger.setLevel(logging.INFO)
    if app.testing:
        return
    for server in ('werkzeug', 'gunicorn.access', 'gunicorn.error'):
        logging.getLogger(server).addFilter(hide_secrets)
    default_handler.setFormatter(_formatter(app))  # Flask's own, to standard error
    if app.config['LOG_TO_STDOUT']:
        app.logger.removeHandler(default_handler)
        _add(app, logging.StreamHandler(sys.stdout))
    else:
        _add_file(app)


def mail_errors(app: Flask, target: logging.Handler) -> None:
    """Let `target` mail errors to the admins, where there are any and mail is on."""
    if app.testing or not (app.config['MAIL_SERVER'] and app.config['ADMINS']):
        return
    handler = MailQueueHandler(target)
    handler.setLevel(logging.ERROR)
    handler.addFilter(Throttle())
    _add(app, handler)
    handler.setFormatter(RequestFormatter(FORMAT))  # for a person to read


class RequestFormatter(logging.Formatter):
    """Adds the request's number, and keeps what people typed from forging a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, 'request_id'):
            record.request_id = request_number()
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = LINE_BREAKS.sub(' ', record.message)
        return super().formatMessage(record)

    def formatException(self, ei) -> str:
        lines = super().formatException(ei).splitlines()  # at every kind of break, as those who read the log may
        return '\n'.join('  ' + LINE_BREAKS.sub(' ', line) for line in lines)


class LineFormatter(RequestFormatter):
    """A JSON object for each record, on a line of its own (https://jsonlines.org)."""

    def format(self, record: logging.LogRecord) -> str:
        whole = super().format(record)  # which fills in message, request_id and exc_text
        parts = {'time': datetime.fromtimestamp(record.created, UTC).isoformat(timespec='milliseconds'),
                 'level': record.levelname, 'request': getattr(record, 'request_id', '-'), 'message': record.message,
                 'where': f'{record.pathname}:{record.lineno}', 'process': record.process}
        if record.exc_info:
            parts['error'] = whole.partition('\n')[2]
        return json.dumps(parts, ensure_ascii=False)


class LogFile(RotatingFileHandler):
    """A rotating file that is made anew when somebody, another process too, has moved it or taken its folder away."""

    said_at: float | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            stream = self.stream
            if stream is not None and not _is_in_place(stream, self.baseFilename):
                self.stream = None
                stream.close()
        except OSError:  # what the old file still held cannot be kept
            self.handleError(record)
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say once a minute on standard error, where every record goes as well, why the file misses some."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif self.said_at is None or time.monotonic() - self.said_at > QUIET_SECONDS:
            self.said_at = time.monotonic()
            with suppress(OSError, ValueError):
                sys.stderr.write(f'The log cannot be written to {self.baseFilename} ({error.strerror}).\n')

    def _open(self):
        """Open it, or make it for its owner alone."""
        os.makedirs(os.path.dirname(self.baseFilename), exist_ok=True)
        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors,
                    opener=lambda path, flags: os.open(path, flags, 0o600))


class Throttle(logging.Filter):
    """Lets an error through a few times an hour in each process; the same place in the code is the same error."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[tuple, list[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        key = (kind, record.pathname, record.lineno, _origin(record))
        now = time.monotonic()
        recent = [moment for moment in self.sent.get(key, []) if moment > now - 3600]
        allowed = len(recent) < MAILS_AN_HOUR
        self.sent[key] = [*recent, now] if allowed else recent
        return allowed


class MailQueueHandler(QueueHandler):
    """Hands errors to a thread that mails them, so that no page waits for a mail server."""

    def __init__(self, target: logging.Handler):
        super().__init__(SimpleQueue())
        self.target = target
        self.started: QueueListener | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self.started is None:  # only now: a thread would not survive gunicorn's fork
            self.started = QueueListener(self.queue, self.target)
            self.started.start()
        super().emit(record)


def request_number() -> str:
    """The number of the request that is answered, or for which a task is done."""
    if not has_request_context():
        return '-'
    return g.get('request_id') or g.get('task_request_id') or '-'


def _formatter(app: Flask) -> logging.Formatter:
    return LineFormatter(FORMAT) if app.config['LOG_FORMAT'] == 'json' else RequestFormatter(FORMAT)


def _origin(record: logging.LogRecord) -> tuple:
    """The innermost line of our own or others' code that raised."""
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ()


def _is_in_place(stream, path: str) -> bool:
    """True when the open file is the one that has this name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def _add(app: Flask, handler: logging.Handler) -> None:
    handler.setFormatter(_formatter(app))
    app.logger.addHandler(handler)


def _add_file(app: Flask) -> None:
    """A rotating file; where none can be written, standard error alone keeps the log."""
    folder = app.config['LOG_FOLDER']
    try:
        _add(app, LogFile(os.path.join(folder, 'microblog.log'), maxBytes=1_000_000, backupCount=10,
                          encoding='utf-8', errors='backslashreplace'))
    except OSError as error:
        app.logger.warning('The log cannot be written to %s (%s).', folder, error.strerror)


def request_line() -> str:
    """Method and path of the request, without its query, and without the secret of a signed link."""
    return f'{request.method} {TOKEN.sub("...", request.path)}'


def hide_secrets(record: logging.LogRecord) -> bool:
    """Do the same to what the server says of a request: `flask run` always, gunicorn of its faults or when asked to."""
    if isinstance(record.args, tuple):
        record.args = tuple(map(_without_secret, record.args))
    elif isinstance(record.args, dict):  # by name, for gunicorn's access log
        record.args.update({name: _without_secret(part) for name, part in record.args.items()})
    return True


def _without_secret(part):
    return TOKEN.sub('...', QUERY.sub('', part)) if isinstance(part, str) else part
