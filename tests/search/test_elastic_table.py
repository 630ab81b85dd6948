"""The table of queries, asked of Elasticsearch: its answers are those of the databases."""
from tests.search.elastic_case import ElasticCase
from tests.search.table import Table


class Elastic(Table, ElasticCase):
    def setUp(self):
        super().setUp()
        context = self.app.app_context()
        context.push()
        self.addCleanup(context.pop)
        self.write_table()

    def settle(self) -> None:
        """Let the tasks run."""
        self.catch_up()
