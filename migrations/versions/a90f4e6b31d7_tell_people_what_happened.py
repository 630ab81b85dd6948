"""Tell people what happened.

Revision ID: a90f4e6b31d7
Revises: 5d21c8e07b94
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = 'a90f4e6b31d7'
down_revision = '5d21c8e07b94'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table(
        'notification',
        sa.Column('id', big_key, nullable=False),
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('actor_id', big_key, autoincrement=False, nullable=False),
        sa.Column('post_id', big_key, autoincrement=False, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.Column('is_read', sa.Boolean(), nullable=False),
        sa.Column('on_site', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_notification_user_id_user', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name='fk_notification_actor_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name='pk_notification'),
        sa.UniqueConstraint('user_id', 'kind', 'actor_id', 'post_id', name='uq_notification_user_id_kind_actor_id_post_id'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_notification_actor_id', 'notification', ['actor_id'])
    op.create_index('ix_notification_created_at', 'notification', ['created_at'])
    op.create_index('ix_notification_user_id_id', 'notification', ['user_id', 'id'])
    op.create_table(
        'notification_choice',
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('site', sa.Boolean(), nullable=False),
        sa.Column('mail', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_notification_choice_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', 'kind', name='pk_notification_choice'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')


def downgrade():
    op.drop_table('notification_choice')
    op.drop_table('notification')
