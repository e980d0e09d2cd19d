"""What is written to people is about one session, or about all of a series that is to come."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    with op.batch_alter_table("session_message") as table:
        table.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        table.alter_column("session_id", existing_type=sa.Integer(), nullable=True)
        table.create_foreign_key(
            op.f("fk_session_message_series_id"), "session_series", ["series_id"], ["id"]
        )
        table.create_check_constraint(
            op.f("ck_session_message_about_one"), "(session_id IS NULL) <> (series_id IS NULL)"
        )
        table.create_index("ix_session_message_series_id", ["series_id", "id"])
