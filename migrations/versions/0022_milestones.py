"""When tracks stand still, what is due on each of them, and from which day a programme works with the program."""

import sqlalchemy as sa
from alembic import op

from dsbs.core import kept

revision = "0022"
down_revision = "0021"

_OPEN = sa.text("met_on IS NULL")


def upgrade() -> None:
    op.add_column("programme", sa.Column("live_from", sa.Date(), nullable=True))
    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day IS NULL OR first_day <= last_day", name=op.f("ck_suspension_in_order")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_suspension_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index("ix_suspension_enrolment_id", "suspension", ["enrolment_id", "first_day"])
    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("is_set", sa.Boolean(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("due_on IS NOT NULL OR NOT is_set", name=op.f("ck_milestone_set_to_a_day")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_milestone_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["milestone_rule.id"], name=op.f("fk_milestone_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("enrolment_id", "code", "number", name=op.f("uq_milestone_enrolment_id_code_number")),
    )
    op.create_index(
        "ix_milestone_open",
        "milestone",
        ["due_on", "enrolment_id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_milestone_rule_id", "milestone", ["rule_id"])
    for table in ("suspension", "milestone"):
        kept.watch(op.get_bind(), table)
