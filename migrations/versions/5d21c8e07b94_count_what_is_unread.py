"""Count what is unread.

Revision ID: 5d21c8e07b94
Revises: a41d7c93e620
"""
import sqlalchemy as sa
from alembic import op

revision = '5d21c8e07b94'
down_revision = 'a41d7c93e620'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('user', sa.Column('unread_notifications', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('user', sa.Column('unread_messages', sa.Integer(), nullable=False, server_default='0'))


def downgrade():
    op.drop_column('user', 'unread_messages')
    op.drop_column('user', 'unread_notifications')
