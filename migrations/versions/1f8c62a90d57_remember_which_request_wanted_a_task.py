"""Remember which request wanted a task.

Revision ID: 1f8c62a90d57
Revises: c47d92be5a08
"""
import sqlalchemy as sa
from alembic import op

revision = '1f8c62a90d57'
down_revision = 'c47d92be5a08'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('task', sa.Column('request_id', sa.String(14), server_default='', nullable=False))


def downgrade():
    op.drop_column('task', 'request_id')
