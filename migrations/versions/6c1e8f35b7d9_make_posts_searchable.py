"""Make posts searchable: their words with the index that each database has for itself.

Revision ID: 6c1e8f35b7d9
Revises: a90f4e6b31d7
"""
import sqlalchemy as sa
from alembic import context, op

revision = '6c1e8f35b7d9'
down_revision = 'a90f4e6b31d7'
branch_labels = None
depends_on = None

BigKey = sa.BigInteger().with_variant(sa.Integer, 'sqlite')
MARIADB = {'mysql_charset': 'utf8mb4', 'mysql_collate': 'utf8mb4_bin'}
FTS5 = (
    "CREATE VIRTUAL TABLE post_search_index USING fts5(words, content='post_search', content_rowid='post_id', "
    """prefix='1 2 3', tokenize="ascii tokenchars '_'")""",
    'CREATE TRIGGER post_search_added AFTER INSERT ON post_search BEGIN '
    'INSERT INTO post_search_index(rowid, words) VALUES (new.post_id, new.words); END',
    'CREATE TRIGGER post_search_deleted AFTER DELETE ON post_search BEGIN INSERT INTO '
    "post_search_index(post_search_index, rowid, words) VALUES ('delete', old.post_id, old.words); END",
    'CREATE TRIGGER post_search_changed AFTER UPDATE ON post_search BEGIN INSERT INTO '
    "post_search_index(post_search_index, rowid, words) VALUES ('delete', old.post_id, old.words); "
    'INSERT INTO post_search_index(rowid, words) VALUES (new.post_id, new.words); END',
)


def upgrade():
    op.create_table(
        'post_search',
        sa.Column('post_id', BigKey, autoincrement=False, nullable=False),
        sa.Column('words', words(), nullable=False),
        sa.ForeignKeyConstraint(['post_id'], ['post.id'], name='fk_post_search_post_id_post', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('post_id', name='pk_post_search'), **MARIADB)
    make_index()
    op.create_table(
        'hidden_from_search',
        sa.Column('user_id', BigKey, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_hidden_from_search_user_id_user',
                                ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', name='pk_hidden_from_search'), **MARIADB)
    op.create_table(
        'search_progress',
        sa.Column('name', sa.String(40).with_variant(sa.String(40, collation='C'), 'postgresql'), nullable=False),
        sa.Column('position', BigKey, nullable=False),
        sa.PrimaryKeyConstraint('name', name='pk_search_progress'), **MARIADB)


def words():
    """Text, or on PostgreSQL words with their places."""
    kind = op.get_context().dialect.name
    if kind == 'postgresql':
        from sqlalchemy.dialects import postgresql
        return postgresql.TSVECTOR()
    if kind == 'mysql':
        from sqlalchemy.dialects import mysql
        return mysql.MEDIUMTEXT(charset='ascii', collation='ascii_bin')
    return sa.Text()


def make_index():
    """FTS5 where SQLite has it, GIN on PostgreSQL, FULLTEXT on MariaDB."""
    kind = op.get_context().dialect.name
    if kind == 'postgresql':
        op.create_index('ix_post_search_words', 'post_search', ['words'], postgresql_using='gin')
    elif kind == 'mysql':
        op.create_index('ix_post_search_words', 'post_search', ['words'], mysql_prefix='FULLTEXT')
    elif context.is_offline_mode() or has_fts5():
        for statement in FTS5:
            op.execute(statement)


def has_fts5():
    """True when this SQLite was built with FTS5."""
    return bool(op.get_bind().scalar(sa.text("SELECT sqlite_compileoption_used('ENABLE_FTS5')")))


def downgrade():
    op.drop_table('search_progress')
    op.drop_table('hidden_from_search')
    if op.get_context().dialect.name == 'sqlite':
        op.execute('DROP TABLE IF EXISTS post_search_index')
    op.drop_table('post_search')
