"""Requirements of an activity that list alternatives: conditions of one number are one requirement."""

import sqlalchemy as sa
from alembic import op

from dsbs.core import kept

revision = "0017"
down_revision = "0016"

_TABLE = "activity_condition"
_STANDS_ALONE = sa.text("programme_id IS NULL AND other_activity_id IS NULL AND last_year IS NULL")
#: Rows of one kind were one condition: each kind is a requirement of its own, numbered as they were told.
_NUMBERS = """UPDATE activity_condition SET requirement =
    (SELECT count(DISTINCT other.kind) FROM activity_condition AS other
    WHERE other.activity_id = activity_condition.activity_id
    AND {other} <= {own})"""
_PLACE = """CASE {kind} WHEN 'invited' THEN 1 WHEN 'programmes' THEN 2 WHEN 'years' THEN 3 WHEN 'attended' THEN 4
    WHEN 'not_attended' THEN 5 ELSE 6 END"""


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("requirement", sa.Integer(), nullable=True))
    own, other = _PLACE.format(kind=f"{_TABLE}.kind"), _PLACE.format(kind="other.kind")
    # PostgreSQL alters no table whose triggers have yet to fire, and SQLite loses those of a table that it rebuilds.
    kept.unwatch(op.get_bind(), _TABLE)
    op.execute(_NUMBERS.format(own=own, other=other))
    op.drop_index("uq_activity_condition_kind", _TABLE)
    with op.batch_alter_table(_TABLE) as table:
        table.alter_column("requirement", existing_type=sa.Integer(), nullable=False)
        table.drop_constraint(op.f(f"uq_{_TABLE}_activity_id_programme_id"), type_="unique")
        table.drop_constraint(op.f(f"uq_{_TABLE}_activity_id_other_activity_id"), type_="unique")
        for column in ("programme_id", "other_activity_id"):
            table.create_unique_constraint(
                op.f(f"uq_{_TABLE}_activity_id_requirement_{column}"), ["activity_id", "requirement", column]
            )
        table.create_unique_constraint(f"uq_{_TABLE}_years", ["activity_id", "requirement", "first_year", "last_year"])
        table.create_check_constraint(op.f(f"ck_{_TABLE}_requirement_from_one"), "requirement > 0")
        table.create_check_constraint(
            op.f(f"ck_{_TABLE}_last_year_of_years"), "last_year IS NULL OR kind = 'years'"
        )
    op.create_index(
        "uq_activity_condition_kind",
        _TABLE,
        ["activity_id", "requirement", "kind"],
        unique=True,
        sqlite_where=_STANDS_ALONE,
        postgresql_where=_STANDS_ALONE,
    )
    kept.watch(op.get_bind(), _TABLE)
