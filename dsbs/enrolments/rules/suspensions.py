"""What holds for a suspension, on plain values."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from dsbs.core.refusals import N_, Refused
from dsbs.enrolments.rules.enrolment import Period

#: No suspension is entered that lasts longer: such a date is a slip of the hand.
MOST_YEARS = 3


class SuspensionKind(StrEnum):
    """Why a track stands still. The first three are leave that the law gives: recorded, not asked for."""

    ILLNESS = "illness"
    PREGNANCY = "pregnancy"
    PARENTAL = "parental"
    OTHER = "other"


def check_suspension(first_day: date, last_day: date | None, *, of: Period) -> None:
    """Refuse days that cannot be: the last before the first, outside of the enrolment, or a slip of the hand."""
    if last_day is not None and last_day < first_day:
        raise Refused(N_("The last day comes before the first."), field="last_day")
    if first_day < of.start:
        raise Refused(N_("The enrolment begins on %(start)s."), field="first_day", start=of.start)
    if of.until is not None and first_day > of.until:
        raise Refused(N_("The enrolment ended on %(until)s."), field="first_day", until=of.until)
    if last_day is not None and (last_day - first_day).days > MOST_YEARS * 366:
        raise Refused(N_("A suspension lasts at most %(years)d years."), field="last_day", years=MOST_YEARS)
