"""Keep what people take with them.

Revision ID: d7f2a90c4e18
Revises: e2b9406d7c15
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import LargeBytes, UTCDateTime

revision = 'd7f2a90c4e18'
down_revision = 'e2b9406d7c15'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table(
        'export',
        sa.Column('id', big_key, nullable=False),
        sa.Column('user_id', big_key, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.Column('finished_at', UTCDateTime(), nullable=True),
        sa.Column('run', sa.BigInteger(), nullable=True),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_export'),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_export_user_id_user', ondelete='CASCADE'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_export_created_at', 'export', ['created_at'])
    op.create_index('ix_export_user_id_id', 'export', ['user_id', 'id'])
    op.create_table(
        'export_part',
        sa.Column('export_id', big_key, nullable=False),
        sa.Column('run', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('content', LargeBytes(), nullable=False),
        sa.PrimaryKeyConstraint('export_id', 'run', 'number', name='pk_export_part'),
        sa.ForeignKeyConstraint(['export_id'], ['export.id'], name='fk_export_part_export_id_export',
                                ondelete='CASCADE'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')


def downgrade():
    op.drop_table('export_part')
    op.drop_table('export')
