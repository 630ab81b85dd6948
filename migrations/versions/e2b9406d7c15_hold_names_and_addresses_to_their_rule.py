"""Hold names and addresses to their rule.

Revision ID: e2b9406d7c15
Revises: c5a7e2d41f86
"""
import sqlalchemy as sa
from alembic import op

revision = 'e2b9406d7c15'
down_revision = 'c5a7e2d41f86'
branch_labels = None
depends_on = None

BARE = "replace(username, '_', '') <> ''"
AT = "replace(email, '@', '') <> email"
CHECKS = {
    'sqlite': {
        'username': "username NOT GLOB '*[^A-Za-z0-9_]*' AND length(username) <= 30 AND "
                    f'length(CAST(username AS BLOB)) = length(username) AND {BARE} AND username_key = lower(username)',
        'email': "email NOT GLOB '*[' || char(1) || '-' || char(32) || char(127) || ']*' AND length(email) <= 120 "
                 f"AND instr(CAST(email AS BLOB), x'00') = 0 AND {AT}"},
    'postgresql': {
        'username': f"username !~ '[^A-Za-z0-9_]' AND {BARE} AND username_key = lower(username COLLATE \"C\")",
        'email': rf"email !~ '[[\:cntrl\:][\:space\:]]' AND {AT}"},
    'mysql': {
        'username': f"username NOT REGEXP '[^A-Za-z0-9_]' AND {BARE} AND username_key = lower(username)",
        'email': rf"email NOT REGEXP '[[\:cntrl\:][\:space\:]]' AND {AT}"},
}


def upgrade():
    with op.batch_alter_table('user') as batch:
        for name, condition in CHECKS[op.get_context().dialect.name].items():
            batch.create_check_constraint(op.f(f'ck_user_{name}'), sa.text(condition))


def downgrade():
    with op.batch_alter_table('user') as batch:
        batch.drop_constraint(op.f('ck_user_email'), type_='check')
        batch.drop_constraint(op.f('ck_user_username'), type_='check')
