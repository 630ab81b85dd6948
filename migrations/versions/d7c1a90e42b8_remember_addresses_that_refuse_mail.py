"""Remember addresses that refuse mail.

Revision ID: d7c1a90e42b8
Revises: 6c1e8f35b7d9
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = 'd7c1a90e42b8'
down_revision = '6c1e8f35b7d9'
branch_labels = None
depends_on = None


def key_string(length):
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade():
    op.create_table(
        'refused_address',
        sa.Column('email_key', key_string(255), nullable=False),
        sa.Column('refused_at', UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('email_key', name='pk_refused_address'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_refused_address_refused_at', 'refused_address', ['refused_at'])


def downgrade():
    op.drop_table('refused_address')
