"""How people register for sessions, cancel, and stay away."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.refusals import N_
from dsbs.programmes.columns import Column, Kind, RuleTable
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.rules import number_in
from dsbs.programmes.tables.vocabulary import UNITS

VALUE_UNITS = {
    "": N_("Words"),
    **UNITS,
    "hours": N_("Hours"),
    "count": N_("Times"),
    "yes": N_("Yes or no"),
    "time": N_("Hours of a day"),
}


class RegistrationRule(RuleRow):
    """One rule of registering; ``unit`` says how ``value`` is read."""

    __tablename__ = "registration_rule"

    sentence: Mapped[str] = mapped_column(String(300))
    value: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str] = mapped_column(String(20))

    @property
    def number(self) -> Decimal | None:
        """The value as a number; None for one in words or hours of a day."""
        return number_in(self.value)


table = RuleTable(
    word="registration",
    model=RegistrationRule,
    label=N_("Registration"),
    lead=N_("Until when a seat can be given back, what a missed session means, and how a free seat is offered."),
    title="sentence",
    columns=(
        Column(
            name="sentence",
            header="rule",
            label=N_("Rule"),
            required=True,
            help=N_("As a sentence; its value follows."),
        ),
        Column(name="value", label=N_("Value"), kind=Kind.AMOUNT, unit="unit", required=True),
        Column(name="unit", label=N_("Unit"), kind=Kind.CHOICE, choices=VALUE_UNITS),
    ),
    shown=("value",),
    file="registration_rules.csv",
)
