"""Waiting lists: tickets, and seats that are offered for a while."""

import sqlalchemy as sa
from alembic import op

from dsbs.core.db import UtcDateTime

revision = "0006"
down_revision = "0005"

_IS_OFFERED = sa.text("state = 'offered'")


def upgrade() -> None:
    with op.batch_alter_table("registration") as table:
        table.add_column(sa.Column("ticket", sa.Integer(), nullable=True))
        table.add_column(sa.Column("offered_until", UtcDateTime(timezone=True), nullable=True))
        table.drop_constraint(op.f("ck_registration_ended"), type_="check")
        table.drop_constraint(op.f("ck_registration_number_while_active"), type_="check")
        table.create_check_constraint(
            op.f("ck_registration_ended"), "(state IN ('waiting', 'offered', 'registered')) = (ended_at IS NULL)"
        )
        table.create_check_constraint(
            op.f("ck_registration_number_of_seated"),
            "number IS NULL OR (number > 0 AND state IN ('offered', 'registered'))",
        )
        table.create_check_constraint(
            op.f("ck_registration_waits_by_ticket"), "state NOT IN ('waiting', 'offered') OR ticket IS NOT NULL"
        )
        table.create_check_constraint(
            op.f("ck_registration_offer_in_full"),
            "state <> 'offered' OR (number IS NOT NULL AND offered_until IS NOT NULL)",
        )
        table.create_unique_constraint(op.f("uq_registration_session_id_ticket"), ["session_id", "ticket"])
        table.create_index(
            "ix_registration_offered_until",
            ["offered_until"],
            sqlite_where=_IS_OFFERED,
            postgresql_where=_IS_OFFERED,
        )
