"""What it means to have been there: from when people are ticked, and what a session counts for. Plain values only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from dsbs.activities.rules.meetings import Times, paired
from dsbs.core.refusals import N_, Refused


class Presence(StrEnum):
    """What is noted of one person at one meeting."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


class Outcome(StrEnum):
    """What a session was for one person."""

    ATTENDED = "attended"
    PARTLY = "partly"
    MISSED = "missed"
    EXCUSED = "excused"
    OPEN = "open"


#: People stand at the door before a meeting begins.
OPENS_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Attended:
    """One meeting of a session, and what is noted of one person there (None: nothing yet)."""

    start: datetime
    end: datetime
    mark: Presence | None


def check_open(start: datetime, now: datetime) -> None:
    """Refuse to note who was there before anybody can be: earlier than an hour before the meeting begins."""
    if now < start - OPENS_BEFORE:
        raise Refused(N_("Nobody can be there yet. Tick from %(opens)s on."), opens=start - OPENS_BEFORE)


def needs_reason(end: datetime, now: datetime, zone: tzinfo) -> bool:
    """Whether what is noted now needs a reason: once the day on which the meeting ended is over in ``zone``."""
    return now.astimezone(zone).date() > end.astimezone(zone).date()


def outcome(marks: Collection[Presence | None]) -> Outcome:
    """What a session was for somebody of whom this is noted, one entry for each of its meetings.

    Attended in full is: nothing is left to be noted, present at least once, and never absent. An excused meeting is
    neither missed nor in the way.
    """
    if None in marks:
        return Outcome.OPEN
    if Presence.PRESENT in marks:
        return Outcome.PARTLY if Presence.ABSENT in marks else Outcome.ATTENDED
    return Outcome.MISSED if Presence.ABSENT in marks else Outcome.EXCUSED


def hours_of(hours: Decimal | None, meetings: Sequence[Attended]) -> Decimal | None:
    """How many of an activity's hours of teaching somebody had: its meetings have each a share, by their length.

    To one tenth of an hour; None where the activity does not say its hours.
    """
    if hours is None:
        return None
    there = [meeting.end - meeting.start for meeting in meetings if meeting.mark is Presence.PRESENT]
    whole = sum((meeting.end - meeting.start for meeting in meetings), timedelta())
    share = hours * _seconds(sum(there, timedelta())) / _seconds(whole)
    return share.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def credits_of(given: Decimal | None, meetings: Sequence[Attended]) -> Decimal | None:
    """The credits that somebody has of it: all of them when she attended in full, else none."""
    if given is None:
        return None
    return given if outcome([meeting.mark for meeting in meetings]) is Outcome.ATTENDED else Decimal(0)


def _seconds(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(seconds=1))


def check_ticked_stay(before: Sequence[Times], after: Sequence[Times], ticked: Collection[int]) -> None:
    """Refuse to take away a meeting where people were ticked, or to move it to a time when they were not there.

    ``before`` and ``after`` are in order of time; ``meetings.paired`` says which meeting becomes which. ``ticked`` are
    the places in ``before``, from 0. A time may be corrected as long as both overlap.
    """
    becomes = dict(zip(paired(before, after), after, strict=True))
    for place in sorted(ticked):
        start, end = before[place]
        times = becomes.get(place)
        if times is None or times[1] <= start or end <= times[0]:
            raise Refused(
                N_("People were ticked at the meeting of %(begins)s, so it stays. Take their ticks back first."),
                field="meetings",
                begins=start,
            )
