"""The steps on the way to the public defence."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.refusals import N_
from dsbs.programmes.columns import Codes, Column, Kind, RuleTable
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.tables.vocabulary import PEOPLE, UNITS

STAGES = {
    "plan": N_("Plan"),
    "jury": N_("Jury"),
    "text": N_("Text"),
    "reports": N_("Reports"),
    "preliminary": N_("Preliminary defence"),
    "corrections": N_("Corrections"),
    "public": N_("Public defence"),
    "closing": N_("Closing"),
}


class DefenceStep(RuleRow):
    """One step: whose it is, ``offset`` in ``unit`` from the step ``anchor``, after the steps in ``needs``."""

    __tablename__ = "defence_step_rule"

    name: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(20))
    owner: Mapped[tuple[str, ...]] = mapped_column(Codes(200))
    anchor: Mapped[str] = mapped_column(String(60))
    offset: Mapped[int]
    unit: Mapped[str] = mapped_column(String(20))
    needs: Mapped[tuple[str, ...]] = mapped_column(Codes(500))
    document: Mapped[str] = mapped_column(String(100))


table = RuleTable(
    word="defence-steps",
    model=DefenceStep,
    label=N_("Steps of a defence"),
    lead=N_("Everything between the wish for a date and the last thank-you letter, each with its owner."),
    title="name",
    columns=(
        Column(name="name", label=N_("Name"), required=True),
        Column(name="stage", label=N_("Stage"), kind=Kind.CHOICE, choices=STAGES, required=True),
        Column(name="owner", label=N_("Whose it is"), kind=Kind.CODES, choices=PEOPLE, required=True),
        Column(name="anchor", label=N_("Counted from"), kind=Kind.CHOICE, among=("defence-steps",), required=True),
        Column(
            name="offset",
            label=N_("Due"),
            kind=Kind.OFFSET,
            unit="unit",
            required=True,
            help=N_("Such as 3 for after that step, -3 for before it. The unit stands in the next field."),
        ),
        Column(name="unit", label=N_("Unit"), kind=Kind.CHOICE, choices=UNITS, required=True),
        Column(name="needs", label=N_("After"), kind=Kind.CODES, among=("defence-steps",)),
        Column(name="document", label=N_("Paper"), help=N_("What is written or handed in.")),
    ),
    shown=("stage", "owner", "offset", "anchor"),
    file="defence_steps.csv",
    scoped=True,
    by_cohort=True,
)
