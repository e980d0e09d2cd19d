"""The pure rules of programmes: which rule row wins, which days are worked, what a value may say."""

from __future__ import annotations

from dsbs.programmes.rules.marks import SIGNED_OFF_BY_ITSELF, Mark, waits_for_sign_off
from dsbs.programmes.rules.open_hours import OpenHours
from dsbs.programmes.rules.repeats import Repeat, repeat_in
from dsbs.programmes.rules.resolving import SCHOOL, RuleLike, Scope, ScopeKind, Severity, applies, resolve
from dsbs.programmes.rules.values import check_amount, codes_in, is_day_of_year, number_in, times_in
from dsbs.programmes.rules.versions import Outdated, check_first_day, end_before, still_in_force
from dsbs.programmes.rules.working_days import add_working_days, is_working_day, working_days_between

__all__ = [
    "SCHOOL",
    "SIGNED_OFF_BY_ITSELF",
    "Mark",
    "OpenHours",
    "Outdated",
    "Repeat",
    "RuleLike",
    "Scope",
    "ScopeKind",
    "Severity",
    "add_working_days",
    "applies",
    "check_amount",
    "check_first_day",
    "codes_in",
    "end_before",
    "is_day_of_year",
    "is_working_day",
    "number_in",
    "repeat_in",
    "resolve",
    "still_in_force",
    "times_in",
    "waits_for_sign_off",
    "working_days_between",
]
