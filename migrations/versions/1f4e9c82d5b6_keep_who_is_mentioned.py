"""Keep who is mentioned, and where in a thread a deleted post stood.

Revision ID: 1f4e9c82d5b6
Revises: 8b3f0d6a17e4
"""
import sqlalchemy as sa
from alembic import op

revision = '1f4e9c82d5b6'
down_revision = '8b3f0d6a17e4'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table(
        'mention',
        sa.Column('post_id', big_key, autoincrement=False, nullable=False),
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('author_id', big_key, nullable=False),
        sa.ForeignKeyConstraint(['post_id'], ['post.id'], name='fk_mention_post_id_post', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_mention_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('post_id', 'user_id', name='pk_mention'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_mention_user_id_post_id', 'mention', ['user_id', 'post_id'])
    op.create_index('ix_mention_user_id_author_id_post_id', 'mention', ['user_id', 'author_id', 'post_id'])
    op.add_column('deleted_post', sa.Column('parent_id', big_key, nullable=True))
    op.add_column('deleted_post', sa.Column('root_id', big_key, nullable=True))
    op.add_column('deleted_post', sa.Column('visibility', sa.SmallInteger(), nullable=False, server_default='0'))
    op.create_index('ix_deleted_post_parent_id_id', 'deleted_post', ['parent_id', 'id'])


def downgrade():
    op.drop_index('ix_deleted_post_parent_id_id', 'deleted_post')
    for name in ('visibility', 'root_id', 'parent_id'):
        op.drop_column('deleted_post', name)
    op.drop_table('mention')
