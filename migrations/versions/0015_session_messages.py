"""Messages that coordinators write to people in a session, and whom an answer to a mail reaches."""

import sqlalchemy as sa
from alembic import op

from dsbs.core.db import UtcDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("message", sa.Column("reply_to", sa.String(length=254), nullable=True))
    op.create_table(
        "session_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("person_ids", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["activity_session.id"], name=op.f("fk_session_message_session_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_session_message_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_message")),
    )
    op.create_index("ix_session_message_session_id", "session_message", ["session_id", "id"])
    op.create_index(op.f("ix_session_message_by_id"), "session_message", ["by_id"])
    op.create_table(
        "session_message_copy",
        sa.Column("session_message_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_message_id"], ["session_message.id"], name=op.f("fk_session_message_copy_session_message_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_message_copy_person_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_session_message_copy_message_id")),
        sa.PrimaryKeyConstraint("session_message_id", "person_id", name=op.f("pk_session_message_copy")),
        sa.UniqueConstraint("message_id", name=op.f("uq_session_message_copy_message_id")),
    )
