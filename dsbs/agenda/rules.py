"""What a slot is and how slots meet: half-open spans, states, days. Pure; moments are aware UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from dsbs.core.refusals import N_, Refused

#: Nothing takes a room longer in one piece. The limit also lets the database look for overlaps by an index on starts.
LONGEST = timedelta(days=14)

#: When rooms are looked for, on the clocks of the school.
WORKING_HOURS = (time(8), time(18))


@lru_cache(1024)
def place_of(room: str, building: str | None) -> str:
    """A room with its building, which is left out where the name of the room says it: "City library, upper room"."""
    if not building or re.search(rf"(?<!\w){re.escape(building)}(?!\w)", room, re.IGNORECASE):
        return room
    return f"{room}, {building}"


class SlotState(StrEnum):
    """How sure a slot is: held (planned, others may not know yet), firm (announced), cancelled."""

    HELD = "held"
    FIRM = "firm"
    CANCELLED = "cancelled"


#: The states in which a slot takes its room and people's time.
STANDING = (SlotState.HELD, SlotState.FIRM)

MOVES: Mapping[SlotState, frozenset[SlotState]] = {
    SlotState.HELD: frozenset({SlotState.FIRM, SlotState.CANCELLED}),
    SlotState.FIRM: frozenset({SlotState.CANCELLED}),
    SlotState.CANCELLED: frozenset(),
}


class CommitmentState(StrEnum):
    """How sure a person's part in a slot is; a released one stays, so that its sequence goes on."""

    HELD = "held"
    FIRM = "firm"
    RELEASED = "released"


class Visibility(StrEnum):
    """Who may see what a firm slot is; everybody else sees that the time is taken.

    Everybody (also in the public feed), whoever is signed in, the people of its programmes, those bound to it.
    """

    PUBLIC = "public"
    SCHOOL = "school"
    PROGRAMMES = "programmes"
    PRIVATE = "private"


class Equipment(StrEnum):
    """What a venue offers."""

    PROJECTOR = "projector"
    VIDEO = "video"
    RECORDING = "recording"
    HEARING_LOOP = "hearing_loop"
    WHEELCHAIR = "wheelchair"
    WHITEBOARD = "whiteboard"
    COMPUTERS = "computers"
    LAB_BENCHES = "lab_benches"
    MOVABLE_SEATS = "movable_seats"


EQUIPMENT_WORDS: Mapping[Equipment, str] = {
    Equipment.PROJECTOR: N_("Projector"),
    Equipment.VIDEO: N_("Video conferencing"),
    Equipment.RECORDING: N_("Recording of lectures"),
    Equipment.HEARING_LOOP: N_("Hearing loop"),
    Equipment.WHEELCHAIR: N_("Wheelchair access"),
    Equipment.WHITEBOARD: N_("Whiteboard"),
    Equipment.COMPUTERS: N_("Computers at the seats"),
    Equipment.LAB_BENCHES: N_("Lab benches"),
    Equipment.MOVABLE_SEATS: N_("Movable tables and chairs"),
}


@dataclass(frozen=True, order=True)
class Span:
    """From a moment (included) to another (not included), both aware."""

    start: datetime
    end: datetime

    def overlaps(self, other: Span) -> bool:
        """Whether there is a moment in both; where one begins as the other ends, there is none."""
        return self.start < other.end and other.start < self.end


def check_span(span: Span) -> None:
    """Refuse what ends before it begins, lasts no time, or lasts longer than a fortnight."""
    if span.end <= span.start:
        raise Refused(N_("The end comes before the beginning. Choose a later end."), field="end")
    if span.end - span.start > LONGEST:
        raise Refused(N_("This lasts more than 14 days. Plan it in several parts."), field="end")


def check_apart(spans: Iterable[Span]) -> None:
    """Refuse spans of one room that overlap each other."""
    if any(one.overlaps(next_) for one, next_ in pairwise(sorted(spans))):
        raise Refused(N_("Two of these times overlap in the same room. Choose another time for one of them."))


def check_move(state: SlotState, to: SlotState) -> None:
    """Refuse a change of state that the table does not allow."""
    if to not in MOVES[state]:
        raise Refused(
            N_("This was cancelled already.") if state is SlotState.CANCELLED else N_("This is announced already.")
        )


def days_as_span(first: date, last: date, zone: ZoneInfo) -> Span:
    """The whole of these days, both included, as the clocks of the zone count them: 23 to 25 hours a day."""
    return Span(midnight(first, zone), midnight(last + timedelta(days=1), zone))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which this day begins in the zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_touched(span: Span, zone: ZoneInfo) -> Sequence[date]:
    """Each day of the zone of which the span holds a moment; what ends at midnight does not touch the next day."""
    first = span.start.astimezone(zone).date()
    last = (span.end - timedelta(microseconds=1)).astimezone(zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def working_hours(day: date, zone: ZoneInfo) -> Span:
    """The hours of a day in which a room is looked for."""
    opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in WORKING_HOURS)
    return Span(opens, closes)


def free_times(taken: Iterable[Span], within: Span) -> Sequence[Span]:
    """What of ``within`` is left by the spans taken, in order; they may overlap and reach beyond it."""
    free, since = [], within.start
    for span in sorted(taken):
        if span.start > since:
            free.append(Span(since, min(span.start, within.end)))
        since = max(since, span.end)
        if since >= within.end:
            break
    if since < within.end:
        free.append(Span(since, within.end))
    return [span for span in free if span.start < span.end]
