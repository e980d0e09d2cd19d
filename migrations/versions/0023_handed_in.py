"""On which day a milestone was handed in, and who sits in the supervisory committee of an enrolment."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_OPEN = sa.text("met_on IS NULL AND handed_in_on IS NULL")
_CHAIR = sa.text("part = 'chair'")


def upgrade() -> None:
    op.add_column("milestone", sa.Column("handed_in_on", sa.Date(), nullable=True))
    op.drop_index("ix_milestone_open", "milestone")
    op.create_index(
        "ix_milestone_open",
        "milestone",
        ["due_on", "enrolment_id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "committee_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_committee_member_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_committee_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_member")),
        sa.UniqueConstraint(
            "enrolment_id",
            "person_id",
            name=op.f("uq_committee_member_enrolment_id_person_id"),
        ),
    )
    op.create_index(
        "uq_committee_member_chair",
        "committee_member",
        ["enrolment_id"],
        unique=True,
        sqlite_where=_CHAIR,
        postgresql_where=_CHAIR,
    )
    op.create_index("ix_committee_member_person_id", "committee_member", ["person_id"])
