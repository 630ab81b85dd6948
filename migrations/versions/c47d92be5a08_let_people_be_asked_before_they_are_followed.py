"""Let people be asked before they are followed.

Revision ID: c47d92be5a08
Revises: 8b3e6f10c9d4
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = 'c47d92be5a08'
down_revision = '8b3e6f10c9d4'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MARIADB = {'mysql_charset': 'utf8mb4', 'mysql_collate': 'utf8mb4_bin'}


def upgrade():
    op.create_table(
        'private_account',
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_private_account_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', name='pk_private_account'), **MARIADB)
    op.create_table(
        'follow_request',
        sa.Column('asker_id', big_key, autoincrement=False, nullable=False),
        sa.Column('asked_id', big_key, autoincrement=False, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['asked_id'], ['user.id'], name='fk_follow_request_asked_id_user', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['asker_id'], ['user.id'], name='fk_follow_request_asker_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('asker_id', 'asked_id', name='pk_follow_request'), **MARIADB)
    op.create_index('ix_follow_request_asked_id_created_at_asker_id', 'follow_request',
                    ['asked_id', 'created_at', 'asker_id'])


def downgrade():
    op.drop_table('follow_request')
    op.drop_table('private_account')
