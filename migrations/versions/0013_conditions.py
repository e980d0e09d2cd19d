"""For whom an activity is, requests that a coordinator approves, seats that are kept for a programme."""

import sqlalchemy as sa
from alembic import op

from dsbs.core import kept
from dsbs.core.db import UtcDateTime

revision = "0013"
down_revision = "0012"

_MOMENT = UtcDateTime(timezone=True)
_IS_REQUESTED = sa.text("state = 'requested'")
_NAMES_NOTHING = sa.text("programme_id IS NULL AND other_activity_id IS NULL")
_NOT_MERGED = sa.text("merged_at IS NULL")

#: The programme in which each person who is in a session is enrolled.
_PROGRAMMES = """UPDATE registration SET programme_id =
    (SELECT programme_id FROM enrolment WHERE enrolment.person_id = registration.person_id AND until IS NULL)
    WHERE ended_at IS NULL"""
#: What was only for the programmes that offer it names them from now on.
_AUDIENCES = """INSERT INTO activity_condition (activity_id, kind, programme_id)
    SELECT activity.id, 'programmes', activity_programme.programme_id
    FROM activity JOIN activity_programme ON activity_programme.activity_id = activity.id
    WHERE activity.audience = 'programmes'"""


def upgrade() -> None:
    _create_conditions()
    _create_invitations()
    _create_reservations()
    _let_people_ask()
    op.execute(_PROGRAMMES)
    op.execute(_AUDIENCES)
    op.drop_column("activity", "audience")


def _create_conditions() -> None:
    op.create_table(
        "activity_condition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("other_activity_id", sa.Integer(), nullable=True),
        sa.Column("first_year", sa.Integer(), nullable=True),
        sa.Column("last_year", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_condition")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_activity_condition_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_activity_condition_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_activity_id"], ["activity.id"], name=op.f("fk_activity_condition_other_activity_id")
        ),
        sa.UniqueConstraint("activity_id", "programme_id", name=op.f("uq_activity_condition_activity_id_programme_id")),
        sa.UniqueConstraint(
            "activity_id", "other_activity_id", name=op.f("uq_activity_condition_activity_id_other_activity_id")
        ),
        _check("activity_condition", "names_programme", "(kind = 'programmes') = (programme_id IS NOT NULL)"),
        _check("activity_condition", "names_activity", "(kind = 'attended') = (other_activity_id IS NOT NULL)"),
        _check("activity_condition", "names_years", "(kind = 'years') = (first_year IS NOT NULL)"),
        _check("activity_condition", "years_from_one", "first_year IS NULL OR first_year > 0"),
        _check("activity_condition", "years_in_order", "last_year IS NULL OR last_year >= first_year"),
        _check("activity_condition", "of_another", "other_activity_id <> activity_id"),
    )
    op.create_index("ix_activity_condition_programme_id", "activity_condition", ["programme_id"])
    op.create_index("ix_activity_condition_other_activity_id", "activity_condition", ["other_activity_id"])
    op.create_index(
        "uq_activity_condition_kind",
        "activity_condition",
        ["activity_id", "kind"],
        unique=True,
        sqlite_where=_NAMES_NOTHING,
        postgresql_where=_NAMES_NOTHING,
    )
    kept.watch(op.get_bind(), "activity_condition")


def _create_invitations() -> None:
    op.create_table(
        "activity_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_invitation")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_activity_invitation_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_activity_invitation_person_id")),
        sa.UniqueConstraint("activity_id", "person_id", name=op.f("uq_activity_invitation_activity_id_person_id")),
    )
    op.create_index("ix_activity_invitation_person_id", "activity_invitation", ["person_id", "activity_id"])


def _create_reservations() -> None:
    op.create_table(
        "seat_reservation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("merged_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_reservation")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["activity_session.id"], name=op.f("fk_seat_reservation_session_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_seat_reservation_programme_id")),
        sa.UniqueConstraint("session_id", "programme_id", name=op.f("uq_seat_reservation_session_id_programme_id")),
        _check("seat_reservation", "seats_positive", "seats > 0"),
    )
    op.create_index("ix_seat_reservation_programme_id", "seat_reservation", ["programme_id"])
    op.create_index(
        "ix_seat_reservation_until",
        "seat_reservation",
        ["until"],
        sqlite_where=_NOT_MERGED,
        postgresql_where=_NOT_MERGED,
    )
    kept.watch(op.get_bind(), "seat_reservation")


def _let_people_ask() -> None:
    with op.batch_alter_table("registration") as table:
        table.add_column(sa.Column("programme_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_registration_programme_id"), "programme", ["programme_id"], ["id"])
        table.drop_constraint(op.f("ck_registration_ended"), type_="check")
        table.drop_constraint(op.f("ck_registration_waits_by_ticket"), type_="check")
        table.create_check_constraint(
            op.f("ck_registration_ended"),
            "(state IN ('requested', 'waiting', 'offered', 'registered')) = (ended_at IS NULL)",
        )
        table.create_check_constraint(
            op.f("ck_registration_waits_by_ticket"),
            "state NOT IN ('requested', 'waiting', 'offered') OR ticket IS NOT NULL",
        )
        table.create_index(
            "ix_registration_requested", ["session_id"], sqlite_where=_IS_REQUESTED, postgresql_where=_IS_REQUESTED
        )


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))
