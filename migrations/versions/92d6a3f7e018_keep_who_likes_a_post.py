"""Keep who likes a post.

Revision ID: 92d6a3f7e018
Revises: 4be27d1f9c60
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = '92d6a3f7e018'
down_revision = '4be27d1f9c60'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table(
        'post_like',
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('post_id', big_key, autoincrement=False, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_post_like_user_id_user', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['post_id'], ['post.id'], name='fk_post_like_post_id_post', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', 'post_id', name='pk_post_like'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_post_like_post_id_created_at_user_id', 'post_like', ['post_id', 'created_at', 'user_id'])
    op.create_index('ix_post_like_user_id_created_at_post_id', 'post_like', ['user_id', 'created_at', 'post_id'])


def downgrade():
    op.drop_table('post_like')
