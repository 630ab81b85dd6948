"""Say what the site is called.

Revision ID: 7c3e5a1d9b42
Revises: d96b0c3e7f15
"""
import sqlalchemy as sa
from alembic import op

revision = '7c3e5a1d9b42'
down_revision = 'd96b0c3e7f15'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'site_words',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
        sa.Column('name', sa.String(30), nullable=False),
        sa.Column('rules', sa.Text(), nullable=False),
        sa.Column('banner', sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')


def downgrade():
    op.drop_table('site_words')
