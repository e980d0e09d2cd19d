"""What all rule rows have in common: the code knows kinds, rows know rules."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from dsbs.core.db import Model
from dsbs.core.refusals import N_
from dsbs.history.models import Tracked
from dsbs.programmes.marked import Marked, kinds
from dsbs.programmes.rules import ScopeKind, Severity


class RuleRow(Marked, Tracked, Model):
    """One version of one rule, for one scope and perhaps one range of cohorts.

    All versions of a rule share its ``line`` (code, scope and first cohort in one text) and are numbered from 1; the
    database refuses a number twice, so that of two people who replace the same version one is told. Days are
    included on both ends, None leaves a side open; a version whose last day lies before its first was never used.
    ``severity`` says what happens where the rule is not kept. The contents of a version never change; only its last
    day does, when another one takes over.
    """

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(String(120))
    version: Mapped[int]
    code: Mapped[str] = mapped_column(String(60))
    scope_kind: Mapped[ScopeKind] = mapped_column(kinds(ScopeKind, 10))
    scope_code: Mapped[str] = mapped_column(String(20), default="")
    cohort_from: Mapped[date | None]
    cohort_to: Mapped[date | None]
    in_force_from: Mapped[date | None]
    in_force_to: Mapped[date | None]
    severity: Mapped[Severity] = mapped_column(kinds(Severity, 5), default=Severity.INFO)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - SQLAlchemy calls it with the class
        refusal = N_("There is a rule with this code for the same scope and cohorts already. Change that one.")
        return (UniqueConstraint("line", "version", info={"refusal": refusal, "field": "code"}),)


Rule = TypeVar("Rule", bound=RuleRow)


def line_of(code: str, scope_kind: ScopeKind, scope_code: str, cohort_from: date | None) -> str:
    """The text that all versions of a rule share."""
    scope = f"{scope_kind}:{scope_code}" if scope_code else str(scope_kind)
    return " ".join([code, scope, *([cohort_from.isoformat()] if cohort_from else [])])
