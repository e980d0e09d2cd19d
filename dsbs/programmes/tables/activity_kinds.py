"""The kinds of training activities, and of what researchers bring along themselves."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.refusals import N_
from dsbs.programmes.columns import Column, Kind, RuleTable
from dsbs.programmes.rule_row import RuleRow

GROUPS = {
    "core": N_("Core"),
    "thematic": N_("Thematic"),
    "skills": N_("Skills"),
    "own_record": N_("Own record"),
}


class ActivityKind(RuleRow):
    """One kind of activity; activities and training records name it by its code, whatever its version."""

    __tablename__ = "activity_kind"

    name: Mapped[str] = mapped_column(String(200))
    group: Mapped[str] = mapped_column(String(20))


table = RuleTable(
    word="activity-kinds",
    model=ActivityKind,
    label=N_("Activity kinds"),
    lead=N_("What a course, a seminar or a lecture is called, and under which heading it counts."),
    title="name",
    columns=(
        Column(name="name", label=N_("Name"), required=True, help=N_("As the catalogue prints it.")),
        Column(
            name="group",
            label=N_("Group"),
            kind=Kind.CHOICE,
            choices=GROUPS,
            required=True,
            help=N_("Own record: what a researcher does elsewhere and hands in."),
        ),
    ),
    shown=("group",),
    file="activity_kinds.csv",
)
