"""Hold the names of new accounts.

Revision ID: b84e19d5f0c3
Revises: 3f6d0b7c2a91
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = 'b84e19d5f0c3'
down_revision = '3f6d0b7c2a91'
branch_labels = None
depends_on = None


def key_string(length):
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade():
    op.create_table(
        'held_username',
        sa.Column('username_key', key_string(30), nullable=False),
        sa.Column('held_until', UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('username_key', name='pk_held_username'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_held_username_held_until', 'held_username', ['held_until'])


def downgrade():
    op.drop_table('held_username')
