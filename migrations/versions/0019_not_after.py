"""Until when what a message says is true."""

import sqlalchemy as sa
from alembic import op

from dsbs.core.db import UtcDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("message", sa.Column("not_after", UtcDateTime(timezone=True), nullable=True))
