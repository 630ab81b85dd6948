"""The table of queries, asked of the engine in the database."""
from tests.queries.base import QueryTestCase
from tests.search.table import Table


class Embedded(Table, QueryTestCase):
    def setUp(self):
        super().setUp()
        self.write_table()
