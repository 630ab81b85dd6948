"""Say how far a post reaches and what it answers.

Columns are added, the table is not copied: SQLite would need minutes for that with many posts.

Revision ID: 8b3f0d6a17e4
Revises: c47d92be5a08
"""
import sqlalchemy as sa
from alembic import op

revision = '8b3f0d6a17e4'
down_revision = 'c47d92be5a08'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
NUMBERS = {'visibility': sa.SmallInteger(), 'replies_from': sa.SmallInteger(), 'replies_count': sa.Integer(),
           'likes_count': sa.Integer(), 'reposts_count': sa.Integer()}
PLACES = ('parent_id', 'parent_author_id', 'root_id', 'repost_of_id')
INDEXES = {'ix_post_user_id_visibility_id': ['user_id', 'visibility', 'id'],
           'ix_post_visibility_id': ['visibility', 'id']}
OF_FEW = {'ix_post_parent_id_id': ['parent_id', 'id'], 'ix_post_root_id_id': ['root_id', 'id'],
          'uq_post_repost_of_id_user_id': ['repost_of_id', 'user_id']}  # most posts have nothing there


def upgrade():
    for name, type_ in NUMBERS.items():
        op.add_column('post', sa.Column(name, type_, nullable=False, server_default='0'))
    for name in PLACES:
        op.add_column('post', sa.Column(name, big_key, nullable=True))
    for name, columns in INDEXES.items():
        op.create_index(name, 'post', columns)
    for name, columns in OF_FEW.items():
        has_one = sa.column(columns[0]).is_not(None)
        op.create_index(name, 'post', columns, unique=name.startswith('uq_'), sqlite_where=has_one,
                        postgresql_where=has_one)


def downgrade():
    op.execute('DELETE FROM post WHERE visibility > 0 OR repost_of_id IS NOT NULL')  # older code shows all to everybody
    for name in (*INDEXES, *OF_FEW):
        op.drop_index(name, 'post')
    for name in (*PLACES, *NUMBERS):
        op.drop_column('post', name)
