"""The pure rules of enrolments: what one may say, and when what is due."""

from __future__ import annotations

from dsbs.enrolments.rules.enrolment import (
    EARLIEST,
    YEARS_AHEAD,
    Around,
    CommitteePart,
    Facts,
    Part,
    Period,
    Track,
    check,
    months_since,
    of_end,
    of_funding_end,
    of_percentage,
    of_start,
    refusals,
    year_of_track,
)
from dsbs.enrolments.rules.suspensions import SuspensionKind, check_suspension

__all__ = [
    "EARLIEST",
    "YEARS_AHEAD",
    "Around",
    "CommitteePart",
    "Facts",
    "Part",
    "Period",
    "SuspensionKind",
    "Track",
    "check",
    "check_suspension",
    "months_since",
    "of_end",
    "of_funding_end",
    "of_percentage",
    "of_start",
    "refusals",
    "year_of_track",
]
