"""Registrations keep which clashes were known when the seat was taken."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("registration", sa.Column("knew_of", sa.JSON(none_as_null=True), nullable=True))
