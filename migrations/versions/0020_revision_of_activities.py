"""Which version of an activity somebody has on the screen, so that nobody undoes what she has not seen."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("activity", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
