"""Let people switch off shortcuts.

Revision ID: e4b7f2a81c63
Revises: 92d6a3f7e018
"""
import sqlalchemy as sa
from alembic import op

revision = 'e4b7f2a81c63'
down_revision = '92d6a3f7e018'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('user', sa.Column('shortcuts', sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade():
    op.drop_column('user', 'shortcuts')
