"""What takes room in the database."""
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.extensions import db

_SIZES = {
    'sqlite': "SELECT CASE WHEN m.tbl_name LIKE 'post_search%' THEN 'post_search' ELSE m.tbl_name END, sum(s.pgsize) "
              'FROM dbstat s JOIN sqlite_master m ON m.name = s.name WHERE s.aggregate GROUP BY 1',
    'postgresql': "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' "
                  'AND relnamespace = current_schema()::regnamespace',
    'mysql': 'SELECT table_name, data_length + index_length FROM information_schema.tables '
             'WHERE table_schema = database()',
}


def rows() -> dict[str, int]:
    """How many rows each table has."""
    return {table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in db.metadata.sorted_tables}


def tables() -> dict[str, int]:
    """The bytes of each table with its indexes; empty where SQLite was built without that knowledge."""
    try:
        return {name: int(size or 0) for name, size in db.session.execute(sa.text(_SIZES[db.engine.dialect.name]))}
    except DBAPIError as error:
        if 'dbstat' not in str(error.orig):
            raise
        db.session.rollback()
        return {}
