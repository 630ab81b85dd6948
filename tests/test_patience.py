"""Connections to the servers, as far as they need none."""
import unittest
from unittest import mock

from app import patience
from app.database import is_near
from tests.parts import once_only


@once_only
class ToMariaDB(unittest.TestCase):
    def connection(self, **options):
        return patience.connect('pymysql', [], {'patience': 1, 'connect_timeout': 1, 'defer_connect': True, **options})

    def test_all_share_one_list_of_authorities(self):
        self.assertIs(self.connection().ctx, self.connection().ctx)

    def test_what_an_address_says_is_read_each_time(self):
        first, second = (self.connection(ssl={'check_hostname': False, 'verify_mode': 'none'}) for _ in range(2))
        self.assertIsNot(first.ctx, second.ctx)

    def test_one_that_waits_holds_no_rows(self):
        connection = self.connection()
        connection._result = mock.Mock(rows=[('a post',)])
        connection.rollback()
        self.assertIsNone(connection._result)


class WayTest(unittest.TestCase):
    def test_is_none_to_a_database_on_this_machine(self):
        for url in ('sqlite:////srv/app.db', 'sqlite://', 'postgresql+psycopg:///blog', 'mysql+pymysql://a@localhost/blog',
                    'postgresql+psycopg:///blog?host=/run/postgresql', 'postgresql+psycopg://a:b@127.0.0.1:5432/blog',
                    'mysql+pymysql://a@[::1]/blog'):
            self.assertTrue(is_near(url), url)
        for url in ('postgresql+psycopg://a@db/blog', 'mysql+pymysql://a@10.0.0.7/blog',
                    'postgresql+psycopg:///blog?host=db.example.org'):
            self.assertFalse(is_near(url), url)
