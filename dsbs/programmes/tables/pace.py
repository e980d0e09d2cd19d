"""How fast a track runs."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.refusals import N_
from dsbs.programmes.columns import Column, RuleTable
from dsbs.programmes.rule_row import RuleRow


class PaceRule(RuleRow):
    """One rule of the pace of a track."""

    __tablename__ = "pace_rule"

    sentence: Mapped[str] = mapped_column(String(300))
    value: Mapped[str] = mapped_column(String(100))


table = RuleTable(
    word="pace",
    model=PaceRule,
    label=N_("Pace of the track"),
    lead=N_("How the six-year track and an enrolment percentage stretch the dates that scale."),
    title="sentence",
    columns=(
        Column(
            name="sentence",
            header="rule",
            label=N_("Rule"),
            required=True,
            help=N_("As a sentence; its value follows."),
        ),
        Column(name="value", label=N_("Value"), required=True),
    ),
    shown=("value",),
    file="pace_rules.csv",
    scoped=True,
    by_cohort=True,
)
