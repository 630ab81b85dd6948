"""Keep private messages.

Revision ID: a41d7c93e620
Revises: d7f2a90c4e18
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import UTCDateTime

revision = 'a41d7c93e620'
down_revision = 'd7f2a90c4e18'
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MARIADB = {'mysql_charset': 'utf8mb4', 'mysql_collate': 'utf8mb4_bin'}


def upgrade():
    op.create_table(
        'message',
        sa.Column('id', big_key, nullable=False),
        sa.Column('sender_id', big_key, autoincrement=False, nullable=False),
        sa.Column('recipient_id', big_key, autoincrement=False, nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('language', sa.String(16), nullable=False),
        sa.Column('timestamp', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['recipient_id'], ['user.id'], name='fk_message_recipient_id_user', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['sender_id'], ['user.id'], name='fk_message_sender_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name='pk_message'),
        sqlite_autoincrement=True, **MARIADB)
    op.create_index('ix_message_recipient_id', 'message', ['recipient_id'])
    op.create_index('ix_message_sender_id_recipient_id', 'message', ['sender_id', 'recipient_id'])
    op.create_table(
        'kept_message',
        sa.Column('owner_id', big_key, autoincrement=False, nullable=False),
        sa.Column('other_id', big_key, autoincrement=False, nullable=False),
        sa.Column('message_id', big_key, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['message.id'], name='fk_kept_message_message_id_message',
                                ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name='fk_kept_message_owner_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('owner_id', 'other_id', 'message_id', name='pk_kept_message'), **MARIADB)
    op.create_index('ix_kept_message_message_id', 'kept_message', ['message_id'])
    op.create_table(
        'conversation',
        sa.Column('owner_id', big_key, autoincrement=False, nullable=False),
        sa.Column('other_id', big_key, autoincrement=False, nullable=False),
        sa.Column('state', sa.String(8), nullable=False),
        sa.Column('newest_id', big_key, autoincrement=False, nullable=True),
        sa.Column('read_id', big_key, autoincrement=False, nullable=False),
        sa.Column('unread', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['other_id'], ['user.id'], name='fk_conversation_other_id_user', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name='fk_conversation_owner_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('owner_id', 'other_id', name='pk_conversation'), **MARIADB)
    op.create_index('ix_conversation_other_id', 'conversation', ['other_id'])
    op.create_index('ix_conversation_owner_id_state_newest_id', 'conversation', ['owner_id', 'state', 'newest_id'])
    op.create_table(
        'message_setting',
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('accepts', sa.String(9), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_message_setting_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', name='pk_message_setting'), **MARIADB)


def downgrade():
    op.drop_table('message_setting')
    op.drop_table('conversation')
    op.drop_table('kept_message')
    op.drop_table('message')
