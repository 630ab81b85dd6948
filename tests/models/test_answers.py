"""What MariaDB answers comes back through the site's connections as its driver reads it."""
import unittest

import pymysql
import sqlalchemy as sa

from app import patience
from tests.base import TestConfig
from tests.world import only_on

# Where the protocol writes a length in another way, and where a packet is full.
LENGTHS = 0, 1, 250, 251, 65_535, 65_536, 2 ** 24 - 10, 2 ** 24 - 5, 2 ** 24
VALUES = """
    SELECT NULL, 1, -9223372036854775808, 18446744073709551615, 1.50, 2.5e0, CAST('x' AS CHAR), 'ü😀', x'00ff', b'101',
           DATE '2026-11-22', TIME '-100:00:01.5', TIMESTAMP '2026-11-22 01:02:03',
           TIMESTAMP '2026-11-22 01:02:03.000004', JSON_ARRAY(1, 'ü'), YEAR(NOW()) > 0, CAST('ü' AS BINARY), NULL
"""


@only_on('mysql')
class Answers(unittest.TestCase):
    def setUp(self):
        url = sa.make_url(TestConfig.SQLALCHEMY_DATABASE_URI)
        options = {'host': url.host, 'port': url.port or 3306, 'user': url.username, 'password': url.password or '',
                   'charset': 'utf8mb4'}
        self.plain = pymysql.connect(**options)
        self.ours = patience.connect('pymysql', [], {**options, 'patience': 5, 'connect_timeout': 5})
        self.addCleanup(self.plain.close)
        self.addCleanup(self.ours.close)

    def answers(self, statement: str) -> list:
        """(rows, columns) by the driver and by the site's connection."""
        found = []
        for connection in (self.plain, self.ours):
            with connection.cursor() as cursor:
                cursor.execute(statement)
                found.append((cursor.fetchall(), cursor.description, cursor.rowcount))
        return found

    def test_every_type_is_read_alike(self):
        for statement in (VALUES, 'SELECT 1 WHERE 1 = 0', 'SHOW COLLATION', 'SELECT * FROM mysql.db'):
            for _again in range(2):
                expected, found = self.answers(statement)
                self.assertEqual(repr(expected), repr(found))

    def test_every_length_is_read_alike(self):
        for length in LENGTHS:
            (expected, _, _), (found, _, _) = self.answers(f"SELECT REPEAT('x', {length}), NULL, 'end'")
            self.assertEqual((length, None, 'end'), (len(expected[0][0] or ''), *expected[0][1:]))
            self.assertTrue(expected == found, length)  # a difference would print megabytes

    def test_one_that_fails_in_the_middle_leaves_the_connection_as_it_was(self):
        numbers = '(SELECT 1 AS id UNION SELECT 2 UNION SELECT 3) AS numbers'
        for connection in (self.plain, self.ours):
            with connection.cursor() as cursor:
                with self.assertRaises(pymysql.err.OperationalError) as caught:
                    cursor.execute(f'SELECT id, (SELECT id UNION SELECT id + (id > 2)) FROM {numbers}')
                self.assertEqual(1242, caught.exception.args[0])  # more than one row, known at the third
                cursor.execute('SELECT 1')
                self.assertEqual(((1,),), cursor.fetchall())

    def test_one_that_cannot_be_read_ends_the_connection_since_its_rest_would_be_taken_for_the_next(self):
        statement = "SELECT CAST('0000-00-00 00:00:00' AS DATETIME) UNION ALL SELECT NOW()"
        with self.ours.cursor() as cursor:
            cursor.execute("SET sql_mode = ''")
            with self.assertRaises(ValueError):
                cursor.execute(statement)
            self.assertFalse(self.ours.open)
            with self.assertRaises(pymysql.err.InterfaceError):
                cursor.execute('SELECT 7')
