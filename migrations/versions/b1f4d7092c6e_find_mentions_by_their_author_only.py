"""Find mentions by their author only.

Revision ID: b1f4d7092c6e
Revises: 7c3e5a1d9b42
"""
from alembic import op

revision = 'b1f4d7092c6e'
down_revision = '7c3e5a1d9b42'
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index('ix_mention_user_id_post_id', 'mention')


def downgrade():
    op.create_index('ix_mention_user_id_post_id', 'mention', ['user_id', 'post_id'])
