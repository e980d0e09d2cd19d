"""Rule rows in words, in the reader's language; used where pages are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from babel.dates import format_date
from flask_babel import gettext as _

from dsbs.core import dates
from dsbs.core.language import ngettext
from dsbs.core.refusals import N_
from dsbs.programmes.columns import Column, Kind, RuleTable, Value
from dsbs.programmes.models import UnitKind
from dsbs.programmes.rule_queries import Line
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.rules import Mark, ScopeKind, Severity, is_day_of_year, number_in

MARKS = {Mark.SOURCED: N_("Sourced"), Mark.ELSEWHERE: N_("Elsewhere"), Mark.ASSUMED: N_("Assumed")}
SEVERITIES = {Severity.BLOCK: N_("Stops"), Severity.WARN: N_("Warns"), Severity.INFO: N_("Informs")}
UNIT_KINDS = {
    UnitKind.FACULTY: N_("Faculties"),
    UnitKind.DEPARTMENT: N_("Departments"),
    UnitKind.INSTITUTE: N_("Institutes"),
    UnitKind.NETWORK: N_("Networks"),
    UnitKind.PARTNER: N_("Partners"),
    UnitKind.SERVICE: N_("Services"),
}
ONE_UNIT = {
    UnitKind.FACULTY: N_("Faculty"),
    UnitKind.DEPARTMENT: N_("Department"),
    UnitKind.INSTITUTE: N_("Institute"),
    UnitKind.NETWORK: N_("Network"),
    UnitKind.PARTNER: N_("Partner"),
    UnitKind.SERVICE: N_("Service"),
}

Known = Mapping[str, Mapping[str, str]]
ScopeNames = Mapping[tuple[str, str], str]

_COUNTED: Mapping[str, Callable[[int, str], str]] = {
    "days": lambda n, num: ngettext("%(amount)s day", "%(amount)s days", n, amount=num),
    "working_days": lambda n, num: ngettext("%(amount)s working day", "%(amount)s working days", n, amount=num),
    "weeks": lambda n, num: ngettext("%(amount)s week", "%(amount)s weeks", n, amount=num),
    "months": lambda n, num: ngettext("%(amount)s month", "%(amount)s months", n, amount=num),
    "years": lambda n, num: ngettext("%(amount)s year", "%(amount)s years", n, amount=num),
    "hours": lambda n, num: ngettext("%(amount)s hour", "%(amount)s hours", n, amount=num),
    "count": lambda n, num: ngettext("%(amount)s time", "%(amount)s times", n, amount=num),
    "persons": lambda n, num: ngettext("%(amount)s person", "%(amount)s people", n, amount=num),
    "school_week": lambda n, num: ngettext("%(amount)s school week", "%(amount)s school weeks", n, amount=num),
    "percent": lambda n, num: _("%(amount)s%%", amount=num),
}


class Cell(NamedTuple):
    """One value of a rule under its label."""

    label: str
    words: str


class Listed(NamedTuple):
    """A rule as its list shows it."""

    line: Line
    row: RuleRow
    title: str
    cells: list[Cell]
    scope: str
    cohorts: str


def listed(table: RuleTable, line: Line, known: Known, scopes: ScopeNames) -> Listed:
    """A rule in the words of its list."""
    row = line.shown
    cells = [Cell(_(table.column(name).label), value_words(table.column(name), row, known)) for name in table.shown]
    return Listed(line, row, title(table, row, known), cells, scope_words(row, scopes), cohort_words(row))


def title(table: RuleTable, row: RuleRow, known: Known) -> str:
    """The sentence or name by which a rule goes."""
    names = [table.title, *([table.title_detail] if table.title_detail else [])]
    return ", ".join(value_words(table.column(name), row, known) for name in names)


def facts(table: RuleTable, row: RuleRow, known: Known) -> list[Cell]:
    """Everything that a version says, label by label, without what is empty; a unit stands with its value."""
    units = {column.unit for column in table.columns}
    found = [
        Cell(_(column.label), value_words(column, row, known)) for column in table.columns if column.name not in units
    ]
    if table.has_severity:
        found.append(Cell(_("Where it is not kept"), _(SEVERITIES[row.severity])))
    return [cell for cell in found if cell.words]


def changed_words(table: RuleTable, now: RuleRow, then: Mapping[str, Any], known: Known) -> list[tuple[str, str, str]]:
    """Label, words now and words then of everything that differs; a unit is told with its value."""
    units = {column.unit for column in table.columns}
    rows = [
        (_(c.label), value_words(c, now, known), words_of(c, then[c.name], then.get(c.unit, ""), known))
        for c in table.columns
        if c.name not in units
    ]
    rows += [
        (_("Where it is not kept"), _(SEVERITIES[now.severity]), _(SEVERITIES[then["severity"]])),
        (_("How sure is this"), _(MARKS[now.mark]), _(MARKS[then["mark"]])),
        (_("Source"), now.source, then["source"]),
    ]
    return [row for row in rows if row[1] != row[2]]


def value_words(column: Column, row: RuleRow, known: Known) -> str:
    """What a version says in one column."""
    value = getattr(row, column.name)
    return words_of(column, value, getattr(row, column.unit) if column.unit else "", known)


def words_of(column: Column, value: Value, unit: str, known: Known) -> str:
    """A value of this column, in its unit, as one reads it."""
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, tuple):
        return ", ".join(_code_words(column, code, known) for code in value)
    if column.kind is Kind.OFFSET:
        return _offset_words(int(value), unit)
    if column.kind is Kind.AMOUNT:
        return amount_words(str(value), unit)
    return _code_words(column, value, known) if column.kind is Kind.CHOICE else str(value)


def amount_words(value: str, unit: str) -> str:
    """An amount with its unit: "5 working days", "Yes", "30 Sep"; a negative one is "before"."""
    number = number_in(value)
    if unit in _COUNTED and number is not None:
        counted = _COUNTED[unit](1 if abs(number) == 1 else 2, dates.number(abs(number)))
        return _("%(amount)s before", amount=counted) if number < 0 else counted
    if unit == "yes":
        return _("Yes") if value == "1" else _("No")
    if unit == "day" and is_day_of_year(value):
        return _day_of_year(value)
    return value.replace("-", "–") if unit == "time" else value


def scope_words(row: RuleRow, scopes: ScopeNames) -> str:
    """For whom a rule is made."""
    if row.scope_kind is ScopeKind.SCHOOL:
        return _("Whole school")
    name = scopes.get((row.scope_kind.value, row.scope_code), row.scope_code)
    return _("Faculty: %(name)s", name=name) if row.scope_kind is ScopeKind.FACULTY else name


def cohort_words(row: RuleRow) -> str:
    """Who by the start of the track; empty for everybody."""
    first, last = row.cohort_from, row.cohort_to
    if first and last:
        return _("Started from %(first)s to %(last)s", first=dates.day(first), last=dates.day(last))
    if first:
        return _("Started from %(first)s on", first=dates.day(first))
    return _("Started until %(last)s", last=dates.day(last)) if last else ""


def spell_words(row: RuleRow) -> str:
    """From when to when a version is in force."""
    first, last = row.in_force_from, row.in_force_to
    if first and last and last < first:
        return _("Never used: another version took its place before")
    if first and last:
        return _("From %(first)s until %(last)s", first=dates.day(first), last=dates.day(last))
    if first:
        return _("Since %(first)s", first=dates.day(first))
    return _("Until %(last)s", last=dates.day(last)) if last else _("From the beginning")


def _offset_words(offset: int, unit: str) -> str:
    if offset == 0:
        return _("on the day") if unit != "school_week" else _("every school week")
    counted = amount_words(str(abs(offset)), unit)
    return _("%(amount)s before", amount=counted) if offset < 0 else _("%(amount)s after", amount=counted)


def _code_words(column: Column, value: str | int, known: Known) -> str:
    code = str(value)
    if code in column.choices:
        return _(column.choices[code])
    for word in column.among:
        if code in known[word]:
            return known[word][code]
    return _day_of_year(code) if is_day_of_year(code) else code.replace("_", " ")


def _day_of_year(written: str) -> str:
    return format_date(date(2000, int(written[:2]), int(written[3:])), "d MMM", locale=dates.language())
