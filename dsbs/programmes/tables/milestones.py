"""The milestones of the four-year track."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.refusals import N_
from dsbs.programmes.columns import Codes, Column, Kind, RuleTable
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.tables.vocabulary import PEOPLE, UNITS

KINDS = {"duty": N_("Duty"), "target": N_("Target")}
ANCHORS = {
    "start": N_("Start of the track"),
    "admission": N_("Admission"),
    "fixed_day": N_("A fixed day of the year"),
}
PACES = {"scales": N_("Scales with the pace"), "calendar": N_("By the calendar")}


class MilestoneRule(RuleRow):
    """One milestone: what is due, counted from where, by whom, approved by whom.

    ``offset`` counts in ``unit`` from ``anchor`` (an event of the track or another milestone); with the anchor
    ``fixed_day`` it is a day of the year. ``pace`` says whether the pace of the track touches it. ``met_by`` names what
    meets it by itself, ``blocks`` the milestone that has to wait for it.
    """

    __tablename__ = "milestone_rule"

    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    anchor: Mapped[str] = mapped_column(String(60))
    offset: Mapped[str] = mapped_column(String(10))
    unit: Mapped[str] = mapped_column(String(20))
    pace: Mapped[str] = mapped_column(String(10))
    repeat: Mapped[str] = mapped_column(String(60))
    responsible: Mapped[tuple[str, ...]] = mapped_column(Codes(200))
    approval_by: Mapped[tuple[str, ...]] = mapped_column(Codes(200))
    met_by: Mapped[str] = mapped_column(String(100))
    blocks: Mapped[str] = mapped_column(String(60))


table = RuleTable(
    word="milestones",
    model=MilestoneRule,
    label=N_("Milestones"),
    lead=N_("What is due on the way to the defence, from when it is counted, and who has to act."),
    title="name",
    columns=(
        Column(name="name", label=N_("Name"), required=True),
        Column(
            name="kind",
            label=N_("Kind"),
            kind=Kind.CHOICE,
            choices=KINDS,
            required=True,
            help=N_("A duty is asked for and reminded of; a target is a date to plan towards."),
        ),
        Column(
            name="anchor",
            label=N_("Counted from"),
            kind=Kind.CHOICE,
            choices=ANCHORS,
            among=("milestones",),
            required=True,
        ),
        Column(
            name="offset",
            label=N_("Due"),
            kind=Kind.AMOUNT,
            unit="unit",
            required=True,
            help=N_("Such as 3 for after that, -3 for before it; for a fixed day month and day, such as 09-30."),
        ),
        Column(
            name="unit",
            label=N_("Unit"),
            kind=Kind.CHOICE,
            choices={**UNITS, "day": N_("Day of the year")},
            required=True,
        ),
        Column(name="pace", label=N_("Pace"), kind=Kind.CHOICE, choices=PACES, required=True),
        Column(
            name="repeat",
            label=N_("Comes again"),
            kind=Kind.REPEAT,
            help=N_("Such as yearly, or 12 months until defence; empty for once."),
        ),
        Column(name="responsible", label=N_("Who hands in"), kind=Kind.CODES, choices=PEOPLE, required=True),
        Column(name="approval_by", label=N_("Who approves"), kind=Kind.CODES, choices=PEOPLE),
        Column(name="met_by", label=N_("Met by"), help=N_("What meets it by itself, such as requirement:integrity.")),
        Column(name="blocks", label=N_("Blocks"), kind=Kind.CHOICE, among=("milestones",)),
    ),
    shown=("offset", "anchor", "responsible"),
    file="milestones.csv",
    scoped=True,
    by_cohort=True,
)
