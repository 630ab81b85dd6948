"""What is searched for, and the words of posts that it is found by: past the objects, as the other rows."""
import sqlalchemy as sa

from app.models import SearchProgress, post_search, stored
from app.search.embedded.filling import DONE, FILLED
from app.search.indexing import document
from app.services import tags
from bench.plan import Plan
from bench.posts import posts
from bench.rows import Rows

WORDS = ('post_id', 'words')
MOST_POSTS = 1_000_000  # whose words are loaded


def searches(plan: Plan) -> dict[str, str]:
    """What is typed, by the name of its page. Each word of a data set is in every third post, each number in one.

    Posts end in a link or in a cup of coffee, never in both, and many do in either.
    """
    return {'search-frequent': 'bread', 'search-rare': f'"{plan.posts // 3}"', 'search-two': 'river garden',
            'search-mixed': f'{plan.posts // 3} bread', 'search-never': 'has:link ☕', 'search-letter': 'b',
            'search-phrase': '"small green"', 'search-none': 'nowhere bread'}


def words(plan: Plan, dialect: sa.Dialect):
    """The rows of `post_search`, in blocks."""
    for block in posts(plan):
        yield _block(block, dialect)


def _block(block: Rows, dialect: sa.Dialect) -> Rows:
    return [(id, stored(document(body, language, author), dialect))
            for id, body, _moment, author, language, *_place in block if body]


def has_words(connection: sa.Connection) -> bool:
    """True when the words were loaded by an earlier run."""
    return connection.scalar(sa.select(SearchProgress.position).where(SearchProgress.name == FILLED)) == DONE


def note_words(connection: sa.Connection) -> None:
    """Let no task look for posts without words or tags: it would work beside every measurement."""
    connection.execute(sa.delete(SearchProgress).where(SearchProgress.name.in_((FILLED, tags.FILLED))))
    connection.execute(sa.insert(SearchProgress).values([{'name': FILLED, 'position': DONE},
                                                         {'name': tags.FILLED, 'position': tags.DONE}]))


def drop_index(connection: sa.Connection) -> None:
    """Take FULLTEXT away, which is filled in a quarter of the time when all rows are there; COPY sees to the others."""
    connection.execute(sa.delete(post_search))
    if connection.dialect.name == 'mysql':
        connection.exec_driver_sql('ALTER TABLE post_search DROP INDEX ix_post_search_words')


def make_index(connection: sa.Connection) -> None:
    """Make it again."""
    if connection.dialect.name == 'mysql':
        connection.exec_driver_sql('CREATE FULLTEXT INDEX ix_post_search_words ON post_search (words)')
