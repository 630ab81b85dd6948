"""Connections to database servers, whose drivers give up in time when the server says nothing and read without a
transaction.

A server that stands still (a frozen machine, a cut cable) keeps its connections open, and the drivers would wait for
ever. A check of an idle connection and a new one get two seconds at most, so that a page says within five that it
cannot, and so it does when the server falls silent in the middle. `deadlines.py` is for one that is alive but slow.
A connection that is lost after the last statement of a page is no fault of that page, and what a server says of a row
that it refuses is told without the row.

Under READ COMMITTED each statement sees what is committed when it begins, in a transaction or not. So one begins with
the first statement that writes or locks, which `database.py` notes: for a page that only reads, beginning it and
ending it would be as many messages as half of its statements.
"""
from importlib import import_module

PING_SECONDS = 1.5
CONNECT_SECONDS = 2  # libpq knows no less
PAGE_SECONDS = 4.5
WORK_SECONDS = 300


def connect(driver: str, arguments: list, options: dict):
    """Connect by a driver of ours; the option `patience` is how long an answer to a page may take."""
    options = dict(options)
    seconds = options.pop('patience')
    options['connect_timeout'] = min(options['connect_timeout'], CONNECT_SECONDS)
    drivers = import_module('app.patience.postgresql' if driver == 'psycopg' else 'app.patience.mariadb')
    connection = drivers.connect(*arguments, **options)
    connection.page_patience = seconds
    return connection
