"""When somebody got her seat, which for who waited or asked is later than when she lined up."""

import sqlalchemy as sa
from alembic import op

from dsbs.core.db import UtcDateTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("registration", sa.Column("registered_at", UtcDateTime(timezone=True), nullable=True))
    # What stands keeps the moment that reminders went by until now.
    op.execute("UPDATE registration SET registered_at = made_at WHERE state = 'registered'")
