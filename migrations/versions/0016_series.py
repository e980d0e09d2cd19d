"""Sessions that were planned together are a series."""

import sqlalchemy as sa
from alembic import op

from dsbs.core import kept

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "session_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_session_series_activity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_series")),
        sa.UniqueConstraint("id", "activity_id", name=op.f("uq_session_series_id_activity_id")),
    )
    op.create_index(op.f("ix_session_series_activity_id"), "session_series", ["activity_id"])
    with op.batch_alter_table("activity_session") as table:
        table.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_activity_session_series_id_activity_id"),
            "session_series",
            ["series_id", "activity_id"],
            ["id", "activity_id"],
        )
        table.create_index("ix_activity_session_series_id", ["series_id", "starts_at"])
    if op.get_bind().dialect.name == "sqlite":
        # The table was rebuilt, which dropped its triggers.
        kept.watch(op.get_bind(), "activity_session")
