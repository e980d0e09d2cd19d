"""Imports keep the rows that they refused, and how many these were."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("import_batch", sa.Column("refused", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import_batch", sa.Column("refusals", sa.JSON(none_as_null=True), nullable=True))
