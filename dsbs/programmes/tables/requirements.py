"""What the training record has to hold before the thesis goes to the jury."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.refusals import N_
from dsbs.programmes.columns import Codes, Column, Kind, RuleTable
from dsbs.programmes.rule_row import RuleRow

MEASURES = {
    "count": N_("Number of items"),
    "hours": N_("Hours"),
    "credits": N_("ECTS credits"),
    "points": N_("Points"),
}
PERIODS = {"track": N_("The whole track"), "first_year": N_("The first year")}


class Requirement(RuleRow):
    """One requirement: at least ``minimum`` of ``measure`` from the kinds in ``counts``, within ``period``.

    ``group_by``, ``min_groups`` and ``max_share`` say over how many groups they must be spread.
    """

    __tablename__ = "requirement_rule"

    name: Mapped[str] = mapped_column(String(200))
    measure: Mapped[str] = mapped_column(String(10))
    minimum: Mapped[int]
    period: Mapped[str] = mapped_column(String(20))
    counts: Mapped[tuple[str, ...]] = mapped_column(Codes(500))
    group_by: Mapped[str] = mapped_column(String(60))
    min_groups: Mapped[int | None]
    max_share: Mapped[str] = mapped_column(String(100))


table = RuleTable(
    word="requirements",
    model=Requirement,
    label=N_("Training requirements"),
    lead=N_("What every training record has to hold, and from which activities it can come."),
    title="name",
    columns=(
        Column(name="name", label=N_("Name"), required=True),
        Column(name="minimum", label=N_("At least"), kind=Kind.NUMBER, required=True),
        Column(name="measure", label=N_("Counted as"), kind=Kind.CHOICE, choices=MEASURES, required=True),
        Column(name="period", label=N_("Within"), kind=Kind.CHOICE, choices=PERIODS, required=True),
        Column(name="counts", label=N_("What counts"), kind=Kind.CODES, among=("activity-kinds",), required=True),
        Column(name="group_by", label=N_("Grouped by"), help=N_("Such as kind or programme:own; empty for no groups.")),
        Column(name="min_groups", label=N_("From at least so many groups"), kind=Kind.NUMBER),
        Column(
            name="max_share", label=N_("At most from one side"), help=N_("Such as half of them from other programmes.")
        ),
    ),
    shown=("minimum", "counts", "period"),
    file="requirements.csv",
    scoped=True,
    by_cohort=True,
)
