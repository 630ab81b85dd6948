"""List who passed a post on, the last first.

Revision ID: 2c81f5a90d3e
Revises: 1f4e9c82d5b6
"""
import sqlalchemy as sa
from alembic import op

revision = '2c81f5a90d3e'
down_revision = '1f4e9c82d5b6'
branch_labels = None
depends_on = None

NAME = 'ix_post_repost_of_id_timestamp_user_id'


def upgrade():
    is_repost = sa.text('repost_of_id IS NOT NULL')
    op.create_index(NAME, 'post', ['repost_of_id', 'timestamp', 'user_id'], sqlite_where=is_repost,
                    postgresql_where=is_repost)


def downgrade():
    op.drop_index(NAME, 'post')
