"""How a milestone stands on a day."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

#: A milestone is somebody's to do from so many days before it is due: the first reminder of the default rules.
NEAR = timedelta(days=60)


class MilestoneState(StrEnum):
    """How a milestone stands; the worst first."""

    OVERDUE = "overdue"
    PASSED = "passed"  # a target whose day is over: nobody is late, but the plan is
    DUE = "due"
    LATER = "later"
    TARGET = "target"
    UNKNOWN = "unknown"  # its day hangs on what nobody knows yet
    HANDED_IN = "handed_in"  # it waits for who decides
    BEFORE = "before"  # before our time
    MET = "met"


def state_of(
    due_on: date | None,
    *,
    handed_in_on: date | None = None,
    met_on: date | None,
    kind: str,
    live_from: date | None,
    today: date,
) -> MilestoneState:
    """How a milestone stands today.

    What was due before the programme works with this program (``live_from``; None while nobody said so: not before
    today) is before our time, unless it was met. A duty is overdue from the day after it was due; a target never is.
    """
    if met_on is not None:
        return MilestoneState.MET
    if handed_in_on is not None:
        return MilestoneState.HANDED_IN
    if due_on is None:
        return MilestoneState.UNKNOWN
    if due_on < (live_from or today):
        return MilestoneState.BEFORE
    if kind == "target":
        return MilestoneState.PASSED if due_on < today else MilestoneState.TARGET
    if due_on < today:
        return MilestoneState.OVERDUE
    return MilestoneState.DUE if due_on <= today + NEAR else MilestoneState.LATER
