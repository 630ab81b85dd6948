"""A site whose search is an Elasticsearch, with indexes of its own."""
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import MAX_ID, Post, Task
from app.queries.pages import NEWER, OLDER
from app.search import elastic
from app.search.elastic import indexes
from app.search.elastic import server as server_module
from app.search.elastic.filling import look_after_index
from app.search.elastic.following import index_posts
from app.search.elastic.server import connect, server
from app.search.query import Query, by_author, parse
from app.times import UTC
from tests.search.elastic_server import needs_elasticsearch, own_index, shared_url
from tests.world import WorldCase


@needs_elasticsearch
class ElasticCase(WorldCase):
    """Each test begins with a full and current index of an empty table; `asked` is what the site asks."""

    asked = ''

    @classmethod
    def setUpClass(cls) -> None:
        url = cls.server_url()
        cls.client = connect(url).options(request_timeout=30)
        cls.config = type('ElasticConfig', (cls.config,), {
            'ELASTICSEARCH_URL': cls.asked or url, 'ELASTICSEARCH_INDEX': own_index()})
        super().setUpClass()

    @classmethod
    def server_url(cls) -> str:
        """The server to use."""
        return shared_url()

    def setUp(self) -> None:
        super().setUp()
        patience = mock.patch.object(server_module, 'ASK_SECONDS', 30)  # a machine that runs tests is a busy one
        patience.start()
        self.addCleanup(patience.stop)
        self.calm_down()
        self.look_after()

    def tearDown(self) -> None:
        super().tearDown()
        self.remove_indexes()

    def remove_indexes(self) -> None:
        """Delete whatever this site has there."""
        names = self.client.indices.get(index=f'{self.prefix}*', expand_wildcards='all')
        for name in names:
            self.client.indices.delete(index=name)

    @property
    def prefix(self) -> str:
        return self.app.config['ELASTICSEARCH_INDEX']

    def calm_down(self) -> None:
        """Let nobody remember that the server failed."""
        with self.app.app_context():
            for breaker in (server().reading, server().writing):
                breaker.failed, breaker.next_try, breaker.is_said = 0, 0.0, False
            server().state_until = 0.0

    def look_after(self) -> None:
        """What happens each minute."""
        self.calm_down()
        with self.app.test_request_context():
            look_after_index()
            db.session.commit()

    def catch_up(self) -> None:
        """Let a quarter of an hour pass in which the server is there."""
        self.calm_down()
        self.let_tasks_be_due()
        self.run_tasks()
        self.refresh()

    def let_tasks_be_due(self) -> None:
        """Let everything that waits run the next time."""
        with self.app.app_context():
            db.session.execute(sa.update(Task).where(Task.state == 'waiting').values(run_after=Task.created_at))
            db.session.commit()

    def refresh(self) -> None:
        """Let what was written be found."""
        self.client.indices.refresh(index=f'{self.prefix}.posts')

    def found(self, text: str = '', **options) -> list[int]:
        """What the engine finds, the newest first."""
        with self.app.app_context():
            return elastic.find(parse(text, UTC), OLDER, options.get('cursor', MAX_ID), options.get('limit', 100)).ids

    def found_above(self, cursor: int, text: str = '', limit: int = 100) -> list[int]:
        """What the engine finds above a cursor, the oldest first."""
        with self.app.app_context():
            return elastic.find(parse(text, UTC), NEWER, cursor, limit).ids

    def found_by(self, username: str) -> list[int]:
        """What the engine finds by somebody, the newest first."""
        with self.app.app_context():
            return elastic.find(Query(terms=(by_author(self.find(username).id),)), OLDER, MAX_ID, 1000).ids

    def count(self, text: str = '') -> int:
        with self.app.app_context():
            return len(elastic.countable(parse(text, UTC)))

    def indexes(self) -> indexes.Indexes:
        """What the server has."""
        with self.app.app_context():
            return indexes.look(self.client)

    def waiting(self) -> list[int]:
        """The posts for which tasks wait."""
        with self.app.app_context():
            tasks = db.session.scalars(sa.select(Task.arguments).where(
                Task.name == index_posts.__name__, Task.state == 'waiting'))
            return sorted({id for arguments in tasks for id in arguments['ids']})

    def delete(self, *ids: int) -> None:
        """Delete posts as their author does."""
        with self.app.app_context():
            for id in ids:
                db.session.delete(db.session.get(Post, id))
                db.session.commit()

    def quietly(self):
        """Let the log say nothing; what it would have said is in the calls of this."""
        return mock.patch.object(self.app.logger, 'log')
