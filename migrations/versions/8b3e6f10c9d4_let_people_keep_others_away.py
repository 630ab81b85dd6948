"""Let people keep others away.

Revision ID: 8b3e6f10c9d4
Revises: e4b7f2a81c63
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = '8b3e6f10c9d4'
down_revision = 'e4b7f2a81c63'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MARIADB = {'mysql_charset': 'utf8mb4', 'mysql_collate': 'utf8mb4_bin'}


def upgrade():
    op.create_table(
        'block',
        sa.Column('blocker_id', big_key, autoincrement=False, nullable=False),
        sa.Column('blocked_id', big_key, autoincrement=False, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['blocked_id'], ['user.id'], name='fk_block_blocked_id_user', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['blocker_id'], ['user.id'], name='fk_block_blocker_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('blocker_id', 'blocked_id', name='pk_block'), **MARIADB)
    op.create_index('ix_block_blocked_id', 'block', ['blocked_id'])
    op.create_index('ix_block_blocker_id_created_at_blocked_id', 'block', ['blocker_id', 'created_at', 'blocked_id'])
    op.create_table(
        'mute',
        sa.Column('muter_id', big_key, autoincrement=False, nullable=False),
        sa.Column('muted_id', big_key, autoincrement=False, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.Column('until', UTCDateTime(), nullable=True),
        sa.Column('hides_notifications', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['muted_id'], ['user.id'], name='fk_mute_muted_id_user', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['muter_id'], ['user.id'], name='fk_mute_muter_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('muter_id', 'muted_id', name='pk_mute'), **MARIADB)
    op.create_index('ix_mute_muted_id', 'mute', ['muted_id'])
    op.create_index('ix_mute_until', 'mute', ['until'])
    op.create_index('ix_mute_muter_id_created_at_muted_id', 'mute', ['muter_id', 'created_at', 'muted_id'])
    op.create_table(
        'muted_thread',
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('root_id', big_key, autoincrement=False, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_muted_thread_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', 'root_id', name='pk_muted_thread'), **MARIADB)


def downgrade():
    op.drop_table('muted_thread')
    op.drop_table('mute')
    op.drop_table('block')
