"""The stamp: the database says itself when something changed of what pages keep in memory."""

import sqlalchemy as sa
from alembic import op

from dsbs.core import kept

revision = "0003"
down_revision = "0002"

_WATCHED: dict[str, tuple[str, ...]] = {
    "person": ("given_name", "family_name", "mail", "active"),
    "role_grant": (),
    "programme": (),
    "activity_kind": (),
    "activity": (),
    "activity_programme": (),
    "activity_session": (),
    "activity_meeting": (),
    "slot": ("venue_id", "starts_at", "ends_at"),
    "venue": (),
    "enrolment": (),
    "supervision": (),
}


def upgrade() -> None:
    op.create_table(
        "stamp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("given_in", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stamp"),
    )
    for table, columns in _WATCHED.items():
        kept.watch(op.get_bind(), table, columns)
