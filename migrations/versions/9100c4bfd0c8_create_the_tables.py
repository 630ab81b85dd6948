"""Create the tables.

Revision ID: 9100c4bfd0c8
Revises:
"""
import sqlalchemy as sa
from alembic import op

from app.models.types import JSONText, UTCDateTime

revision = '9100c4bfd0c8'
down_revision = None
branch_labels = None
depends_on = None

big_key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def key_string(length):
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade():
    op.create_table(
        'deleted_post',
        sa.Column('id', big_key, autoincrement=False, nullable=False),
        sa.Column('user_id', big_key, nullable=False),
        sa.Column('deleted_at', UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_deleted_post'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_table(
        'user',
        sa.Column('id', big_key, nullable=False),
        sa.Column('username', sa.String(30), nullable=False),
        sa.Column('username_key', key_string(30), nullable=False),
        sa.Column('email', sa.String(120), nullable=False),
        sa.Column('email_key', key_string(255), nullable=False),
        sa.Column('password_hash', sa.String(256), nullable=True),
        sa.Column('security_stamp', sa.String(32), nullable=False),
        sa.Column('name', sa.String(50), nullable=False),
        sa.Column('name_key', key_string(50), nullable=False),
        sa.Column('about_me', sa.Text(), nullable=False),
        sa.Column('language', sa.String(16), nullable=False),
        sa.Column('theme', sa.String(8), nullable=False),
        sa.Column('timezone', sa.String(64), nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.Column('last_seen', UTCDateTime(), nullable=True),
        sa.Column('show_last_seen', sa.Boolean(), nullable=False),
        sa.Column('confirm_by', UTCDateTime(), nullable=True),
        sa.Column('confirmation_sent_at', UTCDateTime(), nullable=True),
        sa.Column('suspended_at', UTCDateTime(), nullable=True),
        sa.Column('is_admin', sa.Boolean(), nullable=False),
        sa.Column('avatar_version', sa.Integer(), nullable=False),
        sa.Column('posts_count', sa.Integer(), nullable=False),
        sa.Column('followers_number', sa.Integer(), nullable=False),
        sa.Column('following_number', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_user'),
        sa.UniqueConstraint('email_key', name='uq_user_email_key'),
        sa.UniqueConstraint('username_key', name='uq_user_username_key'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_user_name_key', 'user', ['name_key'])

    op.create_table(
        'avatar',
        sa.Column('user_id', big_key, nullable=False),
        sa.Column('picture', sa.LargeBinary(), nullable=False),
        sa.Column('media_type', sa.String(32), nullable=False),
        sa.Column('updated_at', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_avatar_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', name='pk_avatar'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_table(
        'followers',
        sa.Column('follower_id', big_key, nullable=False),
        sa.Column('followed_id', big_key, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['followed_id'], ['user.id'], name='fk_followers_followed_id_user', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['follower_id'], ['user.id'], name='fk_followers_follower_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('follower_id', 'followed_id', name='pk_followers'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_followers_followed_id_created_at_follower_id', 'followers', ['followed_id', 'created_at', 'follower_id'])
    op.create_index('ix_followers_follower_id_created_at_followed_id', 'followers', ['follower_id', 'created_at', 'followed_id'])

    op.create_table(
        'former_username',
        sa.Column('username_key', key_string(30), nullable=False),
        sa.Column('user_id', big_key, nullable=False),
        sa.Column('reserved_until', UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_former_username_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('username_key', name='pk_former_username'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_former_username_user_id', 'former_username', ['user_id'])

    op.create_table(
        'post',
        sa.Column('id', big_key, autoincrement=False, nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('timestamp', UTCDateTime(), nullable=False),
        sa.Column('user_id', big_key, nullable=False),
        sa.Column('language', sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_post_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name='pk_post'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_post_user_id_id', 'post', ['user_id', 'id'])

    op.create_table(
        'submission',
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('key', sa.String(64), nullable=False),
        sa.Column('result_id', big_key, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('user_id', 'key', name='pk_submission'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_submission_created_at', 'submission', ['created_at'])

    op.create_table(
        'task',
        sa.Column('id', big_key, nullable=False),
        sa.Column('name', sa.String(64), nullable=False),
        sa.Column('arguments', JSONText(), nullable=True),
        sa.Column('state', sa.String(8), nullable=False),
        sa.Column('progress', sa.Integer(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('run_after', UTCDateTime(), nullable=False),
        sa.Column('heartbeat', UTCDateTime(), nullable=True),
        sa.Column('error', sa.String(500), nullable=False),
        sa.Column('user_id', big_key, nullable=True),
        sa.Column('key', sa.String(120), nullable=True),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.Column('finished_at', UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_task_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name='pk_task'),
        sa.UniqueConstraint('key', name='uq_task_key'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_task_finished_at', 'task', ['finished_at'])
    op.create_index('ix_task_state_run_after', 'task', ['state', 'run_after'])
    op.create_index('ix_task_user_id', 'task', ['user_id'])

    op.create_table(
        'user_session',
        sa.Column('id', big_key, nullable=False),
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('user_id', big_key, autoincrement=False, nullable=False),
        sa.Column('created_at', UTCDateTime(), nullable=False),
        sa.Column('last_used_at', UTCDateTime(), nullable=False),
        sa.Column('remember', sa.Boolean(), nullable=False),
        sa.Column('user_agent', sa.String(255), nullable=False),
        sa.Column('address', sa.String(45), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name='fk_user_session_user_id_user', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name='pk_user_session'),
        sa.UniqueConstraint('token_hash', name='uq_user_session_token_hash'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
    op.create_index('ix_user_session_last_used_at', 'user_session', ['last_used_at'])
    op.create_index('ix_user_session_user_id_last_used_at', 'user_session', ['user_id', 'last_used_at'])


def downgrade():
    op.drop_table('user_session')
    op.drop_table('task')
    op.drop_table('submission')
    op.drop_table('post')
    op.drop_table('former_username')
    op.drop_table('followers')
    op.drop_table('avatar')
    op.drop_table('user')
    op.drop_table('deleted_post')
