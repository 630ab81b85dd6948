"""Remember which request wanted a task.

Revision ID: 1f8c62a90d57
Revises: 2c81f5a90d3e
"""
import sqlalchemy as sa
from alembic import op

revision = '1f8c62a90d57'
down_revision = '2c81f5a90d3e'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('task', sa.Column('request_id', sa.String(14), server_default='', nullable=False))


def downgrade():
    op.drop_column('task', 'request_id')
