"""Count what is limited.

Revision ID: c5a7e2d41f86
Revises: b84e19d5f0c3
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = 'c5a7e2d41f86'
down_revision = 'b84e19d5f0c3'
branch_labels = None
depends_on = None


def key_string(length):
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade():
    op.create_table(
        'rate_limit',
        sa.Column('bucket', key_string(120), nullable=False),
        sa.Column('hits', sa.Integer(), nullable=False),
        sa.Column('expires_at', UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('bucket', name='pk_rate_limit'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_rate_limit_expires_at', 'rate_limit', ['expires_at'])


def downgrade():
    op.drop_table('rate_limit')
