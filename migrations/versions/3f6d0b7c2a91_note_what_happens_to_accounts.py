"""Note what happens to accounts.

Revision ID: 3f6d0b7c2a91
Revises: 9100c4bfd0c8
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = '3f6d0b7c2a91'
down_revision = '9100c4bfd0c8'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table(
        'event',
        sa.Column('id', big_key, nullable=False),
        sa.Column('user_id', big_key, autoincrement=False, nullable=True),
        sa.Column('kind', sa.String(32), nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.Column('address', sa.String(45), nullable=False),
        sa.Column('browser', sa.String(255), nullable=False),
        sa.Column('request_id', sa.String(14), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_event_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name='pk_event'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_event_created_at', 'event', ['created_at'])
    op.create_index('ix_event_user_id_id', 'event', ['user_id', 'id'])


def downgrade():
    op.drop_table('event')
