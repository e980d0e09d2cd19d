"""Sessions have words of their own for their mails."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("activity_session", sa.Column("mail_words", sa.Text(), nullable=True))
