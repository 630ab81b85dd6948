"""Keep which posts have which tags; older posts are looked through in the background.

Revision ID: 4be27d1f9c60
Revises: d7c1a90e42b8
"""
import sqlalchemy as sa
from alembic import op

revision = '4be27d1f9c60'
down_revision = 'd7c1a90e42b8'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
OPTIONS = {'mysql_charset': 'utf8mb4', 'mysql_collate': 'utf8mb4_bin'}


def upgrade():
    op.create_table(
        'tag',
        sa.Column('id', big_key, nullable=False),
        sa.Column('key', sa.String(100).with_variant(sa.String(100, collation='C'), 'postgresql'), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_tag'),
        sa.UniqueConstraint('key', name='uq_tag_key'), **OPTIONS)
    op.create_table(
        'post_tag',
        sa.Column('tag_id', big_key, autoincrement=False, nullable=False),
        sa.Column('post_id', big_key, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(['tag_id'], ['tag.id'], name='fk_post_tag_tag_id_tag', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['post_id'], ['post.id'], name='fk_post_tag_post_id_post', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('tag_id', 'post_id', name='pk_post_tag'), **OPTIONS)
    op.create_index('ix_post_tag_post_id', 'post_tag', ['post_id'])


def downgrade():
    op.drop_table('post_tag')
    op.drop_table('tag')
