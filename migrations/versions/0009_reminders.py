"""Reminders: the ledger of who was reminded of what, and for how long a rule's mail may be late."""

import sqlalchemy as sa
from alembic import op

from dsbs.core.db import UtcDateTime

revision = "0009"
down_revision = "0008"

_STANDS = sa.text("state <> 'withdrawn'")
_IS_QUEUED = sa.text("state = 'queued'")
_IS_DUE = sa.text("state = 'due'")
_KEY = ["occasion", "subject_id", "person_id", "line"]
_STATES = ("due", "queued", "merged", "superseded", "missed", "withdrawn")


def upgrade() -> None:
    op.add_column("reminder_rule", sa.Column("useful_days", sa.Integer(), nullable=True))
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(120), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("event_kind", sa.String(40), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("leaves_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Enum(*_STATES, name="state", native_enum=False, length=10), nullable=False),
        sa.Column("noted_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("mailed_on", sa.Date(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(201), nullable=True),
        sa.CheckConstraint("(due_at IS NULL) <> (due_on IS NULL)", name=op.f("ck_reminder_due_once")),
        sa.CheckConstraint(
            "state <> 'queued' OR (message_id IS NOT NULL AND mailed_on IS NOT NULL)",
            name=op.f("ck_reminder_queued_mail"),
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["reminder_rule.id"], name=op.f("fk_reminder_rule_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_reminder_message_id")),
        sa.ForeignKeyConstraint(["link_id"], ["signed_link.id"], name=op.f("fk_reminder_link_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    for due in ("due_at", "due_on"):
        op.create_index(
            f"uq_reminder_{due}", "reminder", [*_KEY, due], unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS
        )
    op.create_index(
        "uq_reminder_one_mail_a_day",
        "reminder",
        ["person_id", "event_kind", "event_id", "mailed_on"],
        unique=True,
        sqlite_where=_IS_QUEUED,
        postgresql_where=_IS_QUEUED,
    )
    op.create_index("ix_reminder_due", "reminder", ["id"], sqlite_where=_IS_DUE, postgresql_where=_IS_DUE)
    op.create_index("ix_reminder_event", "reminder", ["event_kind", "event_id"])
    op.create_index("ix_reminder_message_id", "reminder", ["message_id"])
    op.create_table(
        "reminder_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hourly_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("frequent_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_reminder_look_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_look")),
    )
