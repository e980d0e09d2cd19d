"""What has to hold for a defence: lead times, gates, the jury, who may be what."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.refusals import N_
from dsbs.programmes.columns import Codes, Column, Kind, RuleTable
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.tables.vocabulary import UNITS

KINDS = {
    "lead_time": N_("Time between two steps"),
    "gate": N_("One step before another"),
    "blackout": N_("No defences between two days"),
    "blackout_stops_clock": N_("Days that do not count"),
    "count": N_("Size or share of a group"),
    "role_excludes": N_("Two parts that exclude each other"),
    "switch": N_("Yes or no"),
    "window": N_("Nothing in common in the last years"),
    "one_of": N_("One of a list"),
}
DIRECTIONS = {
    "": N_("Does not apply"),
    "at_least": N_("At least"),
    "at_most": N_("At most"),
    "is": N_("Is"),
    "at_most_none_in": N_("None in the last"),
}


class DefenceRule(RuleRow):
    """One rule of a defence, read by its ``kind``.

    ``of`` filters the fields of a member; ``from_event`` and ``to_event`` name steps, events of the track, parts in
    the jury, or days of the year (``07-20``). ``value`` may be a list with semicolons.
    """

    __tablename__ = "defence_rule"

    kind: Mapped[str] = mapped_column(String(30))
    of: Mapped[tuple[str, ...]] = mapped_column(Codes(200))
    from_event: Mapped[tuple[str, ...]] = mapped_column(Codes(100))
    to_event: Mapped[tuple[str, ...]] = mapped_column(Codes(100))
    direction: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str] = mapped_column(String(20))
    sentence: Mapped[str] = mapped_column(String(300))


table = RuleTable(
    word="defences",
    model=DefenceRule,
    label=N_("Defences"),
    lead=N_("How long things take, who may sit on a jury, and what comes before what."),
    title="sentence",
    columns=(
        Column(
            name="sentence",
            label=N_("Rule"),
            required=True,
            help=N_("As people read it where it applies; it must say the same as the values below."),
        ),
        Column(name="kind", label=N_("Kind"), kind=Kind.CHOICE, choices=KINDS, required=True),
        Column(name="of", label=N_("Of whom or what"), kind=Kind.CODES, help=N_("Such as member or member.external.")),
        Column(
            name="from_event",
            header="from",
            label=N_("From"),
            kind=Kind.CODES,
            help=N_("A step, or a day such as 07-20."),
        ),
        Column(
            name="to_event", header="to", label=N_("To"), kind=Kind.CODES, help=N_("A step, or a day such as 08-20.")
        ),
        Column(name="direction", label=N_("Direction"), kind=Kind.CHOICE, choices=DIRECTIONS),
        Column(name="value", label=N_("Value"), kind=Kind.AMOUNT, unit="unit"),
        Column(
            name="unit",
            label=N_("Unit"),
            kind=Kind.CHOICE,
            choices={"": N_("None"), **UNITS, "persons": N_("People"), "percent": N_("Percent")},
        ),
    ),
    shown=("value",),
    file="defence_rules.csv",
    scoped=True,
    by_cohort=True,
    has_severity=True,
)
