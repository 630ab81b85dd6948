"""Find what was told of a post by its key.

Revision ID: d3a86f19c420
Revises: b1f4d7092c6e
"""
from alembic import op

revision = 'd3a86f19c420'
down_revision = 'b1f4d7092c6e'
branch_labels = None
depends_on = None

OLD, NEW = 'uq_notification_user_id_kind_actor_id_post_id', 'uq_notification_post_id_user_id_kind_actor_id'
OLD_COLUMNS, NEW_COLUMNS = ['user_id', 'kind', 'actor_id', 'post_id'], ['post_id', 'user_id', 'kind', 'actor_id']


def upgrade():
    op.create_index(NEW, 'notification', NEW_COLUMNS, unique=True)
    if op.get_context().dialect.name == 'mysql':  # where a key is an index, and such statements can be run again
        op.drop_index(OLD, 'notification')
    else:
        with op.batch_alter_table('notification') as batch:
            batch.drop_constraint(op.f(OLD), type_='unique')
    op.drop_index('ix_notification_post_id', 'notification')


def downgrade():
    op.create_index('ix_notification_post_id', 'notification', ['post_id'])
    if op.get_context().dialect.name == 'mysql':
        op.create_index(OLD, 'notification', OLD_COLUMNS, unique=True)
    else:
        with op.batch_alter_table('notification') as batch:
            batch.create_unique_constraint(op.f(OLD), OLD_COLUMNS)
    op.drop_index(NEW, 'notification')
