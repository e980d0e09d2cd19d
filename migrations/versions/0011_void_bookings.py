"""Bookings of venues elsewhere that are not needed any more."""

import sqlalchemy as sa
from alembic import op

from dsbs.core.db import UtcDateTime

revision = "0011"
down_revision = "0010"

_IS_OPEN = sa.text("settled_on IS NULL")


def upgrade() -> None:
    op.create_table(
        "void_booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(100), nullable=True),
        sa.Column("confirmed_by", sa.String(200), nullable=True),
        sa.Column("arose_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("settled_by", sa.String(200), nullable=True),
        sa.Column("settled_reference", sa.String(100), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_void_booking_ends_after_start")),
        sa.CheckConstraint(
            "(settled_on IS NULL) = (settled_by IS NULL)", name=op.f("ck_void_booking_settled_in_full")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_void_booking_slot_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_void_booking_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_void_booking")),
        sa.UniqueConstraint("slot_id", "venue_id", "starts_at", "arose_at", name=op.f("uq_void_booking_slot_id_venue_id_starts_at_arose_at")),
    )
    op.create_index(
        "ix_void_booking_open", "void_booking", ["ends_at"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    )
    op.create_index("ix_void_booking_venue_id", "void_booking", ["venue_id"])
