"""Say why something happened to an account.

Revision ID: 5a7e0c93d1f6
Revises: d3a86f19c420
"""
import sqlalchemy as sa
from alembic import op

revision = '5a7e0c93d1f6'
down_revision = 'd3a86f19c420'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('event', sa.Column('reason', sa.String(300), server_default='', nullable=False))


def downgrade():
    op.drop_column('event', 'reason')
