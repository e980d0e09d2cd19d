"""Making rules: a first version, a version that takes over from a day, an end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.core.refusals import N_, Refused
from dsbs.programmes import rule_queries
from dsbs.programmes.columns import RuleTable, Value, checked
from dsbs.programmes.models import Programme, Unit, UnitKind
from dsbs.programmes.rule_row import RuleRow, line_of
from dsbs.programmes.rules import (
    Mark,
    Outdated,
    ScopeKind,
    Severity,
    check_first_day,
    end_before,
    still_in_force,
)
from dsbs.programmes.tables import table_by_word

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class Placement:
    """For whom a rule is made; no version of it changes that. The cohort is the day on which a track started."""

    code: str
    scope_kind: ScopeKind = ScopeKind.SCHOOL
    scope_code: str = ""
    cohort_from: date | None = None
    cohort_to: date | None = None


@dataclass(frozen=True)
class Terms:
    """What a version says, and how sure that is; ``values`` by the names of the table's columns."""

    values: Mapping[str, Value]
    mark: Mark
    source: str = ""
    severity: Severity = Severity.INFO


def add_rule(
    session: Session, *, table: RuleTable, placement: Placement, terms: Terms, in_force_from: date, today: date
) -> RuleRow:
    """Add the first version of a rule. Refused: a rule of this code, scope and cohort that is there already; a scope
    that does not exist; a value that makes no sense; a first day before today.
    """
    _check_placement(session, table, placement)
    check_first_day(in_force_from, today)
    kept = checked(table, terms.values, known_codes(session, table, placement.code))
    row = table.model(
        line=line_of(placement.code, placement.scope_kind, placement.scope_code, placement.cohort_from),
        version=1,
        code=placement.code,
        scope_kind=placement.scope_kind,
        scope_code=placement.scope_code,
        cohort_from=placement.cohort_from,
        cohort_to=placement.cohort_to,
        in_force_from=in_force_from,
        severity=terms.severity,
        mark=terms.mark,
        source=terms.source,
        **kept,
    )
    session.add(row)
    session.flush()
    return row


def replace_rule(
    session: Session, *, table: RuleTable, seen: RuleRow, terms: Terms, in_force_from: date, today: date
) -> RuleRow:
    """Let a new version take over from a day; ``seen`` is the newest version that the person saw.

    Every version still in force then ends the day before. The new one is not signed off. Refused: a version newer than
    ``seen``, a first day before today, a value that makes no sense, nothing changed.
    """
    versions = _lock_newest(session, table, seen, today)
    then = foresee(session, table=table, seen=seen, terms=terms, in_force_from=in_force_from, today=today)
    for version in still_in_force(versions, in_force_from):
        version.in_force_to = end_before(in_force_from)
    placement = ("line", "code", "scope_kind", "scope_code", "cohort_from", "cohort_to")
    row = table.model(
        version=seen.version + 1,
        in_force_from=in_force_from,
        **{name: getattr(seen, name) for name in placement},
        **then,
    )
    session.add(row)
    session.flush()
    return row


def foresee(
    session: Session, *, table: RuleTable, seen: RuleRow, terms: Terms, in_force_from: date, today: date
) -> dict[str, object]:
    """What ``replace_rule`` would keep, without writing anything; refuses what it refuses."""
    check_first_day(in_force_from, today)
    kept = checked(table, terms.values, known_codes(session, table))
    then: dict[str, object] = {**kept, "severity": terms.severity, "mark": terms.mark, "source": terms.source}
    # An ended rule that comes to life again is a change in itself.
    if seen.in_force_to is None and all(getattr(seen, name) == value for name, value in then.items()):
        raise Refused(N_("Nothing is different yet. Change a value, or leave the rule as it is."))
    return then


def end_rule(session: Session, *, table: RuleTable, seen: RuleRow, last_day: date, today: date) -> RuleRow:
    """Let a rule hold until a day, that day included, and no longer; ``seen`` is the newest version that was seen.

    A new version can revive it later. Refused: a version newer than ``seen``, a last day before today, a rule that
    has ended earlier.
    """
    versions = _lock_newest(session, table, seen, today)
    if last_day < today:
        raise Refused(N_("Until today the rule may have been used. Choose today or a later day."), field="last_day")
    if seen.in_force_to is not None and seen.in_force_to <= last_day:
        raise Refused(N_("The rule ends before that already."), field="last_day")
    for version in versions:
        if version.in_force_to is None or version.in_force_to > last_day:
            version.in_force_to = last_day
    session.flush()
    return seen


def known_codes(session: Session, table: RuleTable, own: str | None = None) -> dict[str, dict[str, str]]:
    """The codes, with their words, of every table that columns of this one choose among; ``own`` is about to be one."""
    wanted = {word for column in table.columns for word in column.among}
    known = {word: rule_queries.titles(session, table_by_word(word)) for word in wanted}
    if own is not None and table.word in known:
        known[table.word].setdefault(own, own)
    return known


def _lock_newest(session: Session, table: RuleTable, seen: RuleRow, today: date) -> tuple[RuleRow, ...]:
    session.refresh(seen, with_for_update={"of": table.model})
    versions = rule_queries.line_of_row(session, table, seen.id, today).versions
    if versions[-1].id != seen.id:
        raise Outdated
    return versions


def _check_placement(session: Session, table: RuleTable, placement: Placement) -> None:
    if not _CODE.fullmatch(placement.code):
        raise Refused(N_("Write small letters, digits and underscores, a letter first, 60 at most."), field="code")
    scope = (placement.scope_kind, placement.scope_code)
    if scope != (ScopeKind.SCHOOL, "") and not (table.scoped and _scope_exists(session, *scope)):
        raise Refused(N_("Choose the school, a faculty or a programme."), field="scope")
    first, last = placement.cohort_from, placement.cohort_to
    if (first or last) and not table.by_cohort:
        raise Refused(N_("These rules hold for everybody, whenever they started."), field="cohort_from")
    if first and last and last < first:
        raise Refused(N_("The last day comes before the first."), field="cohort_to")
    line = line_of(placement.code, placement.scope_kind, placement.scope_code, first)
    if session.scalar(select(table.model.id).where(table.model.line == line).limit(1)) is not None:
        raise Refused(
            N_("There is a rule with this code for the same scope and cohorts already. Change that one."), field="code"
        )


def _scope_exists(session: Session, kind: ScopeKind, code: str) -> bool:
    if kind is ScopeKind.FACULTY:
        found = select(Unit.id).where(Unit.kind == UnitKind.FACULTY, Unit.code == code)
    else:
        found = select(Programme.id).where(Programme.code == code)
    return session.scalar(found) is not None
