"""Find what was told of a post.

Revision ID: d96b0c3e7f15
Revises: 1f8c62a90d57
"""
from alembic import op

revision = 'd96b0c3e7f15'
down_revision = '1f8c62a90d57'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index('ix_notification_post_id', 'notification', ['post_id'])


def downgrade():
    op.drop_index('ix_notification_post_id', 'notification')
